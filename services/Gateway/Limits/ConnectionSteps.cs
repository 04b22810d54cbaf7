using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KvAspire.Gateway.Limits;

/// <summary>What each connection goes through before its requests are read.</summary>
internal delegate Task ConnectionStep(ConnectionContext connection, ConnectionDelegate next);

/// <summary>Registers such steps. Kestrel keeps only the last defaults that it is given for its endpoints: these are all of them.</summary>
internal static class ConnectionSteps
{
    public static WebApplicationBuilder AddConnectionStep(this WebApplicationBuilder builder, Func<IServiceProvider, ConnectionStep> step)
    {
        builder.Services.AddSingleton(step);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(UseAll));
        return builder;
    }

    private static void UseAll(ListenOptions endpoint)
    {
        foreach (var step in endpoint.ApplicationServices.GetServices<ConnectionStep>())
            endpoint.Use(next => connection => step(connection, next));
    }
}
