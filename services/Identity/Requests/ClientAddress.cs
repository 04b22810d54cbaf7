using System.Net;
using System.Net.Sockets;
using KvAspire.ClientNetworks;

namespace KvAspire.Identity.Requests;

/// <summary>
/// The client's address: as the gateway saw it, or of the peer itself where no gateway of a trusted network says another
/// (<see cref="TrustedForwarding"/>). The gateway drops a client's own <c>X-Forwarded-For</c> and sets the header itself.
/// </summary>
internal sealed class ClientAddress(IHttpContextAccessor http)
{
    private const string Header = "X-Forwarded-For";

    /// <summary>The address; null outside of a request.</summary>
    public IPAddress? Value => http.HttpContext is not { } context ? null
        : context.Request.Headers[Header] is [.., { } forwarded] ? Parse(forwarded)
        : context.Connection.RemoteIpAddress is { } peer ? Plain(peer)
        : null;

    /// <summary>
    /// The network that counts as one client (<see cref="ClientNetwork"/>), as the table of failed sign-ins stores it. Empty
    /// where there is no address.
    /// </summary>
    public string Network => Value is not { } address ? ""
        : ClientNetwork.Of(address) is { AddressFamily: AddressFamily.InterNetworkV6 } network ? $"{network}/64"
        : address.ToString();

    // The nearest hop appends its entry last.
    private static IPAddress? Parse(string forwarded)
    {
        var last = forwarded[(forwarded.LastIndexOf(',') + 1)..].Trim();
        return IPAddress.TryParse(last, out var address) ? Plain(address) : null;
    }

    // Without the zone of a link-local address, which means nothing elsewhere.
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new(address.GetAddressBytes());
}
