using System.Net;
using System.Net.Sockets;

namespace KvAspire.Gateway.Tests.Fixtures;

/// <summary>A bound port without a listener. No other process can listen on it until it is disposed.</summary>
internal sealed class ClosedPort : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ClosedPort()
    {
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Address = new($"http://{socket.LocalEndPoint}");
    }

    public Uri Address { get; }

    public void Dispose() => socket.Dispose();
}
