using System.Net;
using System.Net.Sockets;

namespace KvAspire.ClientNetworks;

/// <summary>Tells clients apart by address, for limits and lockouts.</summary>
public static class ClientNetwork
{
    /// <summary>
    /// The address that stands for a client: an IPv4 address itself, and the first of the /64 of an IPv6 address, because a
    /// customer has 2^64 of those. An IPv4 address in IPv6 form counts as IPv4, and the zone of a link-local address is dropped.
    /// </summary>
    public static IPAddress Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily is not AddressFamily.InterNetworkV6)
            return address;

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new(bytes);
    }
}
