using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KvAspire.Gateway.Edge.Connections;

/// <summary>Runs for each connection before Kestrel reads its requests.</summary>
internal delegate Task ConnectionMiddleware(ConnectionContext connection, ConnectionDelegate next);

/// <summary>Adds connection middleware to all endpoints. Kestrel keeps only the last endpoint defaults, so one adds all.</summary>
internal static class ConnectionMiddlewareSetup
{
    public static WebApplicationBuilder AddConnectionMiddleware(
        this WebApplicationBuilder builder, Func<IServiceProvider, ConnectionMiddleware> middleware)
    {
        builder.Services.AddSingleton(middleware);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(UseAll));
        return builder;
    }

    private static void UseAll(ListenOptions endpoint)
    {
        foreach (var middleware in endpoint.ApplicationServices.GetServices<ConnectionMiddleware>())
            endpoint.Use(next => connection => middleware(connection, next));
    }
}
