using System.Net;

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
