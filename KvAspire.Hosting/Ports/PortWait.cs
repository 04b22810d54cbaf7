using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.Hosting.Ports;

/// <summary>
/// Delays the start of a resource until its fixed port is free. After an AppHost was killed, its processes hold their ports for
/// some seconds, until the orchestrator ends them.
/// </summary>
public static class PortWait
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20), Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits up to 20 seconds for the ports of each resource. After that the resource fails to start.</summary>
    public static IDistributedApplicationBuilder AwaitFixedPorts(this IDistributedApplicationBuilder builder)
    {
        builder.Eventing.Subscribe<BeforeResourceStartedEvent>(AwaitAsync);
        return builder;
    }

    private static async Task AwaitAsync(BeforeResourceStartedEvent starting, CancellationToken cancellationToken)
    {
        var time = starting.Services.GetRequiredService<TimeProvider>();
        foreach (var endpoint in starting.Resource.Annotations.OfType<EndpointAnnotation>().Where(endpoint => !endpoint.IsProxied))
        {
            var began = time.GetTimestamp();
            while (endpoint.Port is { } port && !await IsFreeAsync(port, cancellationToken))
            {
                if (time.GetElapsedTime(began) > Patience)
                    throw new DistributedApplicationException($"Another process uses port {port} of '{starting.Resource.Name}'. Stop that process or choose another port.");
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    // Connects instead of binding: a bind also fails while closed connections are in TIME_WAIT.
    private static async Task<bool> IsFreeAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
