using System.Net;
using System.Net.Sockets;

namespace KvAspire.Identity.Requests;

/// <summary>
/// Where a request came from, as the gateway saw it: the gateway is the first hop, takes away what a client claims, and
/// sets <c>X-Forwarded-For</c> itself.
/// </summary>
internal sealed class ClientAddress(IHttpContextAccessor http)
{
    private const string Header = "X-Forwarded-For";

    /// <summary>The address; null outside of a request, and for a request that did not come through the gateway.</summary>
    public IPAddress? Value => http.HttpContext?.Request.Headers[Header] is [.., { } forwarded] ? Parse(forwarded) : null;

    /// <summary>
    /// What counts as one client where clients are told apart: an IPv4 address, or the /64 that an IPv6 customer has to
    /// himself. Empty where there is no address.
    /// </summary>
    public string Network => Value switch
    {
        null => "",
        { AddressFamily: AddressFamily.InterNetworkV6 } address =>
            $"{new IPAddress([.. address.GetAddressBytes().AsSpan(0, 8), 0, 0, 0, 0, 0, 0, 0, 0])}/64",
        { } address => address.ToString(),
    };

    // Whoever is nearest to us speaks last.
    private static IPAddress? Parse(string forwarded)
    {
        var last = forwarded[(forwarded.LastIndexOf(',') + 1)..].Trim();
        if (!IPAddress.TryParse(last, out var address))
            return null;

        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();

        // Without the zone of a link-local address, which means nothing elsewhere.
        return new IPAddress(address.GetAddressBytes());
    }
}
