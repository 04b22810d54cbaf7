using System.Net;
using System.Net.Sockets;

namespace KvAspire.Verify.Systems;

/// <summary>
/// A plain TCP load balancer in front of several gateways. It probes <c>/health</c>, and so notices changes a moment late. New
/// connections go to a healthy gateway in turn, or to the next one where the connection fails. It never inspects the traffic.
/// </summary>
internal sealed class TcpBalancer : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100), Patience = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource over = new();
    private readonly Socket door = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Uri[] gateways;
    private readonly bool[] isWell;
    private readonly Task working;
    private int turn;

    public TcpBalancer(params Uri[] gateways)
    {
        (this.gateways, isWell) = (gateways, new bool[gateways.Length]);
        door.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        door.Listen(512);
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)door.LocalEndPoint!).Port}");
        working = Task.WhenAll([.. Enumerable.Range(0, gateways.Length).Select(WatchAsync), AcceptAsync()]);
    }

    public Uri Address { get; }

    /// <summary>Waits until all gateways are known to be healthy.</summary>
    public async Task AllWellAsync(CancellationToken cancellationToken)
    {
        while (!isWell.All(well => well))
            await Task.Delay(Interval, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        door.Dispose();
        await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        over.Dispose();
    }

    private async Task WatchAsync(int gateway)
    {
        using var http = new HttpClient { BaseAddress = gateways[gateway], Timeout = Patience };
        while (!over.IsCancellationRequested)
        {
            try
            {
                using var answer = await http.GetAsync("/health", over.Token);
                isWell[gateway] = answer.IsSuccessStatusCode;
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
            {
                isWell[gateway] = false;
            }

            await Task.Delay(Interval, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AcceptAsync()
    {
        while (!over.IsCancellationRequested)
            _ = CarryAsync(await door.AcceptAsync(over.Token));
    }

    private async Task CarryAsync(Socket client)
    {
        using var ours = client;
        if (await ConnectAsync() is not { } theirs)
            return;

        using (theirs)
            await Task.WhenAll(CopyAsync(client, theirs), CopyAsync(theirs, client));
    }

    // The healthy gateways in turn, then the others.
    private async Task<Socket?> ConnectAsync()
    {
        var first = Interlocked.Increment(ref turn);
        var order = Enumerable.Range(0, gateways.Length).Select(step => (first + step) % gateways.Length).OrderByDescending(gateway => isWell[gateway]);
        foreach (var gateway in order)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, gateways[gateway].Port, over.Token);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
        }

        return null;
    }

    // Forwards a half-close and keeps the other direction open. Forwards a reset in both directions.
    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, over.Token) is > 0 and var read)
            {
                for (var sent = 0; sent < read;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), over.Token);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            from.Close(0);
            to.Close(0);
        }
    }
}
