using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Proxy;

/// <summary>
/// Listens on the public port and hands each connection to the next process in turn; one that does not take it is passed over.
/// It balances connections, not requests, like the proxy of the real package.
/// </summary>
internal sealed class TcpBalancer : IDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly List<Socket> _listeners = [];
    private readonly int[] _targets;
    private uint _turn;

    public TcpBalancer(bool onlyLocal, int port, int[] targets)
    {
        _targets = targets;
        IPAddress[] addresses = onlyLocal ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Any, IPAddress.IPv6Any];
        foreach (var address in addresses.Where(a => a.AddressFamily is AddressFamily.InterNetwork || Socket.OSSupportsIPv6))
            Listen(address, port);
    }

    public void Dispose()
    {
        _closing.Cancel();
        _listeners.ForEach(listener => listener.Dispose());
        _closing.Dispose();
    }

    private void Listen(IPAddress address, int port)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily is AddressFamily.InterNetworkV6)
                listener.DualMode = false;
            listener.Bind(new IPEndPoint(address, port));
            listener.Listen(512);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable)
        {
            listener.Dispose(); // A machine without that address family.
            return;
        }

        _listeners.Add(listener);
        _ = AcceptAsync(listener, _closing.Token);
    }

    private async Task AcceptAsync(Socket listener, CancellationToken closing)
    {
        while (!closing.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await listener.AcceptAsync(closing), closing);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // A client that hung up before it was served, or the end.
            }
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken closing)
    {
        using (client)
        using (var server = await ConnectAsync(closing))
        {
            if (server is null)
                return;

            client.NoDelay = server.NoDelay = true;
            await Task.WhenAll(Pipe.CopyAsync(client, server, closing), Pipe.CopyAsync(server, client, closing));
        }
    }

    private async Task<Socket?> ConnectAsync(CancellationToken closing)
    {
        var first = Interlocked.Increment(ref _turn);
        for (uint i = 0; i < _targets.Length; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, _targets[(first + i) % _targets.Length], closing);
                return socket;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                socket.Dispose();
            }
        }

        return null;
    }
}
