using System.Net;
using System.Net.Sockets;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Gateway.Limits;

/// <summary>Whose request it is: a user's where a token says so, else that of the network it comes from.</summary>
internal static class Requester
{
    /// <summary>The user of a request, or the network of its address.</summary>
    public static string Of(HttpContext context) =>
        context.User.Identity is AccessTokenIdentity token ? token.Subject : Network(context.Connection.RemoteIpAddress);

    /// <summary>The network of an address. For IPv6 the /64: whoever has one such address has 2^64 of them.</summary>
    public static string Network(IPAddress? address)
    {
        if (address is null)
            return "unknown";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily is not AddressFamily.InterNetworkV6)
            return address.ToString();

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes).ToString();
    }
}
