using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace KvAspire.Hosting.Ports;

/// <summary>Chooses the ports of resources that listen without the orchestrator's proxy.</summary>
public static class PortChoice
{
    /// <summary>
    /// The given port, or null for any free one: where the port is 0, and under the testing builder. The testing builder's random
    /// ports are for proxied endpoints only.
    /// </summary>
    public static int? PortOrFree(this IDistributedApplicationBuilder builder, int? port) =>
        port is 0 || builder.Configuration.GetValue("DcpPublisher:RandomizePorts", false) ? null : port;

    /// <summary>Finds a TCP port that is free now, on loopback.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
