using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KvAspire.ClientNetworks;

/// <summary>
/// The networks whose word about the client a service believes: at the gateway those of the proxies in front, at the other
/// services those of the gateways. Setting <c>TrustedNetworks</c>, a list of CIDR blocks (RFC 4632, RFC 4291); none by default.
/// </summary>
public sealed class TrustedNetworks
{
    private const string Section = "TrustedNetworks";

    private TrustedNetworks(IReadOnlyList<IPNetwork> all) => All = all;

    /// <summary>The networks.</summary>
    public IReadOnlyList<IPNetwork> All { get; }

    /// <summary>Reads the setting.</summary>
    /// <exception cref="OptionsValidationException">An item is not a network, or contains every address.</exception>
    public static TrustedNetworks FromConfiguration(IConfiguration configuration) =>
        new([.. SettingList.Read(configuration, Section).Select(Read)]);

    /// <summary>Whether a connection comes from a trusted network.</summary>
    public bool Contain(EndPoint? peer) => peer is IPEndPoint { Address: var address } && Contain(address);

    /// <summary>Whether an address is in a trusted network.</summary>
    public bool Contain(IPAddress? address)
    {
        if (address is null || All.Count == 0)
            return false;

        // A dual-mode socket shows an IPv4 peer as ::ffff:192.0.2.1.
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in All)
        {
            if (network.Contains(plain))
                return true;
        }

        return false;
    }

    private static IPNetwork Read(IConfigurationSection setting)
    {
        var name = $"{Section}__{setting.Key}";
        if (!IPNetwork.TryParse(setting.Value, out var network))
            throw Invalid($"{name} is \"{setting.Value}\"; it must be a network such as 10.0.0.0/8 or fd00::/8.");

        // If every proxy were trusted, the leftmost address would count, which any client can forge.
        return network.PrefixLength > 0
            ? network
            : throw Invalid($"{name} is \"{setting.Value}\"; a service cannot trust every address.");
    }

    private static OptionsValidationException Invalid(string sentence) => new(Section, typeof(TrustedNetworks), [sentence]);
}
