using System.Net;
using System.Net.Sockets;

namespace KvAspire.Gateway.Tests.Edge;

/// <summary>A port that nobody listens at, nor can: until this is disposed of, it is taken.</summary>
internal sealed class ClosedPort : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ClosedPort()
    {
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Address = new($"http://{socket.LocalEndPoint}");
    }

    /// <summary>Its address.</summary>
    public Uri Address { get; }

    public void Dispose() => socket.Dispose();
}
