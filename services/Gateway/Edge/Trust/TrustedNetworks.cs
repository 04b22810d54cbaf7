using System.Net;
using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Edge.Trust;

/// <summary>
/// The networks of the proxies in front of the gateway. The gateway trusts their forwarded headers and trace context. Setting
/// <c>TrustedNetworks</c>, a list of CIDR blocks (RFC 4632, RFC 4291); none by default.
/// </summary>
internal sealed class TrustedNetworks
{
    private const string Section = "TrustedNetworks";

    private TrustedNetworks(IReadOnlyList<IPNetwork> all) => All = all;

    public IReadOnlyList<IPNetwork> All { get; }

    /// <exception cref="OptionsValidationException">An item is not a network, or contains every address.</exception>
    public static TrustedNetworks FromConfiguration(IConfiguration configuration) =>
        new([.. SettingList.Read(configuration, Section).Select(Read)]);

    public bool Contain(EndPoint? peer)
    {
        if (peer is not IPEndPoint { Address: var address })
            return false;

        // A dual-mode socket shows an IPv4 peer as ::ffff:192.0.2.1.
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return All.Any(network => network.Contains(plain));
    }

    private static IPNetwork Read(IConfigurationSection setting)
    {
        var name = $"{Section}__{setting.Key}";
        if (!IPNetwork.TryParse(setting.Value, out var network))
            throw Invalid($"{name} is \"{setting.Value}\"; it must be a network such as 10.0.0.0/8 or fd00::/8.");

        // If every proxy were trusted, the leftmost address would count, which any client can forge.
        return network.PrefixLength > 0
            ? network
            : throw Invalid($"{name} is \"{setting.Value}\"; the gateway cannot trust every address.");
    }

    private static OptionsValidationException Invalid(string sentence) => new(Section, typeof(TrustedNetworks), [sentence]);
}

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
