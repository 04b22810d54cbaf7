using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.ClientNetworks;

/// <summary>
/// Removes <c>X-Forwarded-*</c> from the requests of peers outside of <see cref="TrustedNetworks"/>, for the services behind the
/// gateway. A peer that reaches a service's own port can then neither choose the address that lockouts and the audit log see, nor
/// mark its request as one that the gateway forwards again.
/// </summary>
public static class TrustedForwarding
{
    private const string Prefix = "X-Forwarded-";

    /// <summary>Registers the trusted networks.</summary>
    public static WebApplicationBuilder AddTrustedForwarding(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => TrustedNetworks.FromConfiguration(services.GetRequiredService<IConfiguration>()));
        return builder;
    }

    /// <summary>Removes the headers, before anything reads them.</summary>
    public static void UseTrustedForwarding(this WebApplication app)
    {
        var networks = app.Services.GetRequiredService<TrustedNetworks>();
        app.Use((context, next) =>
        {
            if (!networks.Contain(context.Connection.RemoteIpAddress))
                RemoveFrom(context.Request.Headers);
            return next(context);
        });
    }

    private static void RemoveFrom(IHeaderDictionary headers)
    {
        List<string>? forwarded = null;
        foreach (var (name, _) in headers)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                (forwarded ??= []).Add(name);
        }

        forwarded?.ForEach(name => headers.Remove(name));
    }
}
