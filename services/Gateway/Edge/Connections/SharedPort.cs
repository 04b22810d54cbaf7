using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace KvAspire.Gateway.Edge.Connections;

/// <summary>
/// Lets several gateways of one machine listen on one port, <c>Door:SharedPort</c> (SO_REUSEPORT, socket(7)). The kernel
/// distributes new connections among them. Linux only.
/// </summary>
internal static class SharedPort
{
    private const string Setting = "Door:SharedPort";

    // From Linux' <asm-generic/socket.h>: .NET does not define them.
    private const int SolSocket = 1, ReusePort = 15;

    public static WebApplicationBuilder AddSharedPort(this WebApplicationBuilder builder)
    {
        if (builder.Configuration.GetValue<int?>(Setting) is not { } port)
            return builder;

        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = endpoint =>
            endpoint is IPEndPoint address && address.Port == port
                ? Bind(address)
                : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint));
        return builder;
    }

    private static Socket Bind(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetRawSocketOption(SolSocket, ReusePort, BitConverter.GetBytes(1));
            socket.Bind(address);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
