using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Aspire.Hosting.Ports;

/// <summary>
/// A free port that is ours as long as the lease lives, also while nothing listens on it: two runs side by side never choose
/// the same one. The claim is an abstract socket, a name that the system gives to one process at a time, takes back when that
/// process dies, and keeps per network namespace, just as it keeps ports.
/// </summary>
internal sealed class PortLease : IDisposable
{
    // Below the ports that the system hands out to clients (from 32768), so that no connection takes one in between.
    private const int First = 20_000;
    private const int Count = 12_000;

    private readonly Socket _claim;

    private PortLease(int port, Socket claim)
    {
        Port = port;
        _claim = claim;
    }

    public int Port { get; }

    public static PortLease Take()
    {
        var offset = RandomNumberGenerator.GetInt32(Count);
        for (var i = 0; i < Count; i++)
        {
            var port = First + ((offset + i) % Count);
            if (Claim(port) is not { } claim)
                continue;
            if (IsFree(port))
                return new(port, claim);
            claim.Dispose();
        }

        throw new DistributedApplicationException($"No port between {First} and {First + Count} is free.");
    }

    /// <summary>Whether a process could listen on the port on this machine's own address.</summary>
    public static bool IsFree(int port) =>
        CanBind(AddressFamily.InterNetwork, IPAddress.Loopback, port)
        && (!Socket.OSSupportsIPv6 || CanBind(AddressFamily.InterNetworkV6, IPAddress.IPv6Loopback, port));

    public void Dispose() => _claim.Dispose();

    private static Socket? Claim(int port)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint($"\0kvaspire-port-{port}"));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    private static bool CanBind(AddressFamily family, IPAddress address, int port)
    {
        using var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.AddressNotAvailable; // A machine without that address family.
        }
    }
}
