using KvAspire.ClientNetworks;

namespace KvAspire.Gateway.Edge.Trust;

internal static class TrustedNetworksSetup
{
    public static WebApplicationBuilder AddTrustedNetworks(this WebApplicationBuilder builder)
    {
        var networks = TrustedNetworks.FromConfiguration(builder.Configuration);
        builder.Services.AddSingleton(networks);
        TrustedTracePropagator.AddTo(builder, networks);
        return builder;
    }
}
