using System.Net;
using System.Net.Sockets;
using KvAspire.ClientNetworks;

namespace KvAspire.Identity.Requests;

/// <summary>
/// The client's address as the gateway saw it. The gateway is the first hop: it drops a client's own <c>X-Forwarded-For</c> and
/// sets the header itself.
/// </summary>
internal sealed class ClientAddress(IHttpContextAccessor http)
{
    private const string Header = "X-Forwarded-For";

    /// <summary>The address; null outside of a request, and for a request that did not pass the gateway.</summary>
    public IPAddress? Value => http.HttpContext?.Request.Headers[Header] is [.., { } forwarded] ? Parse(forwarded) : null;

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
        if (!IPAddress.TryParse(last, out var address))
            return null;

        // Without the zone of a link-local address, which means nothing elsewhere.
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new(address.GetAddressBytes());
    }
}
