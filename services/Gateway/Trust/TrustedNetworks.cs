using System.Net;
using KvAspire.Gateway.Settings;
using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Trust;

/// <summary>
/// The networks whose word is taken for where a request came from and which trace it belongs to: those of the proxies in
/// front of the gateway. Setting <c>TrustedNetworks</c>, a list of CIDR blocks (RFC 4632, RFC 4291); nobody by default.
/// </summary>
internal sealed class TrustedNetworks
{
    /// <summary>The setting's name.</summary>
    public const string Section = "TrustedNetworks";

    private TrustedNetworks(IReadOnlyList<IPNetwork> all) => All = all;

    /// <summary>All of them.</summary>
    public IReadOnlyList<IPNetwork> All { get; }

    /// <summary>Reads the setting.</summary>
    /// <exception cref="OptionsValidationException">One is no network, or is everybody.</exception>
    public static TrustedNetworks FromConfiguration(IConfiguration configuration) =>
        new([.. SettingList.Read(configuration, Section).Select(Read)]);

    /// <summary>Whether whoever is at the other end of a connection is in one of them.</summary>
    public bool Contain(EndPoint? peer)
    {
        if (peer is not IPEndPoint { Address: var address })
            return false;

        // A socket for both families shows an IPv4 peer as ::ffff:192.0.2.1.
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return All.Any(network => network.Contains(plain));
    }

    private static IPNetwork Read(IConfigurationSection setting)
    {
        var name = $"{Section}__{setting.Key}";
        if (!IPNetwork.TryParse(setting.Value, out var network))
            throw Refusal($"{name} is \"{setting.Value}\"; it must be a network such as 10.0.0.0/8 or fd00::/8.");

        // With it the left-most address would count, which anybody can write.
        return network.PrefixLength > 0 ? network : throw Refusal($"{name} is \"{setting.Value}\"; that is everybody, whom nobody can trust.");
    }

    private static OptionsValidationException Refusal(string sentence) => new(Section, typeof(TrustedNetworks), [sentence]);
}

/// <summary>Registers them.</summary>
internal static class TrustedNetworksRegistration
{
    /// <summary>Reads which networks are trusted, and registers what that takes.</summary>
    public static WebApplicationBuilder AddTrustedNetworks(this WebApplicationBuilder builder)
    {
        var networks = TrustedNetworks.FromConfiguration(builder.Configuration);
        builder.Services.AddSingleton(networks);
        TrustedTraces.Note(builder, networks);
        return builder;
    }
}
