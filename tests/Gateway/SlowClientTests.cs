using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Http;

namespace KvAspire.Gateway.Tests;

/// <summary>Clients that send or read slowly, to keep connections busy at little cost.</summary>
public sealed class SlowClientTests : IAsyncLifetime
{
    private const int Crowd = 200;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500), Patience = TimeSpan.FromSeconds(60);

    private readonly GatewayUnderTest gateway = new();
    private TestIssuer issuer = null!;
    private Backend data = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Head => $"Host: {gateway.Address.Authority}\r\nAuthorization: Bearer {issuer.Issue("user")}\r\n";

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        data = await Backend.StartAsync("data");
        gateway.With(issuer).With("identity", "h2c", data.Address).With("data", "h2c", data.Address)
            .With("SlowClients:HeadersTimeout", "00:00:02").With("SlowClients:Grace", "00:00:02")
            .With("SlowClients:MinAnswerRate", "1048576").Start();
    }

    [Fact]
    public async Task Slow_headers_get_408_and_other_clients_are_served_meanwhile()
    {
        var slow = Enumerable.Range(0, Crowd).Select(_ => SendSlowlyAsync($"GET /api/data/slow HTTP/1.1\r\n{Head}", "X-Slow: 1\r\n")).ToList();
        await AssertOthersAreServedAsync(meanwhile: Task.WhenAll(slow));

        Assert.All(await Task.WhenAll(slow), answer => Assert.StartsWith("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n", answer));
        Assert.DoesNotContain(data.Arrivals, arrival => arrival.Target == "/api/data/slow");
    }

    [Theory]
    [InlineData("Content-Length: 100000", "1")]
    [InlineData("Transfer-Encoding: chunked", "1\r\n1\r\n")]
    public async Task A_slow_body_gets_408_and_other_clients_are_served_meanwhile(string framing, string piece)
    {
        var slow = Enumerable.Range(0, Crowd / 4).Select(_ => SendSlowlyAsync($"PUT /api/data/slow HTTP/1.1\r\n{Head}{framing}\r\n\r\n", piece)).ToList();
        await AssertOthersAreServedAsync(meanwhile: Task.WhenAll(slow));

        foreach (var answer in await Task.WhenAll(slow))
        {
            Assert.StartsWith("HTTP/1.1 408 Request Timeout\r\n", answer);
            Assert.Contains("""{"status":"error","code":"REQUEST_TIMEOUT","message":"The request did not arrive in time.","trace_id":""", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_the_response_is_aborted()
    {
        var end = new TaskCompletionSource();
        data.Answer = async context =>
        {
            using var cut = context.RequestAborted.Register(() => end.TrySetResult());
            var piece = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
        };
        using var idle = await BeginAsync($"GET /api/watch HTTP/1.1\r\n{Head}\r\n"); // the only route without a time limit

        await end.Task.WaitAsync(Patience, Cancelled);
    }

    [Fact]
    public async Task A_watch_with_rare_events_is_not_aborted()
    {
        data.Answer = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; i < 8; i++)
            {
                await context.Response.WriteAsync(":\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(TimeSpan.FromSeconds(1), context.RequestAborted);
            }

            await context.Response.WriteAsync("data: last\n\n", context.RequestAborted);
        };
        using var client = gateway.Client(issuer.Issue("user"));

        Assert.EndsWith("data: last\n\n", await client.GetStringAsync("/api/watch", Cancelled));
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await data.DisposeAsync();
        await issuer.DisposeAsync();
    }

    private async Task AssertOthersAreServedAsync(Task meanwhile)
    {
        using var client = gateway.Client(issuer.Issue("other"));
        var served = 0;
        for (var slowest = TimeSpan.Zero; !meanwhile.IsCompleted; served++)
        {
            var clock = Stopwatch.StartNew();
            Assert.Equal("""{"backend":"data"}""", await client.GetStringAsync("/api/data/other", Cancelled));
            slowest = clock.Elapsed > slowest ? clock.Elapsed : slowest;
            Assert.InRange(slowest, TimeSpan.Zero, TimeSpan.FromSeconds(5));
            await Task.Delay(20, Cancelled);
        }

        Assert.InRange(served, 10, int.MaxValue);
    }

    // Sends a piece at a time until the gateway closes the connection.
    private async Task<string> SendSlowlyAsync(string beginning, string piece)
    {
        using var socket = await BeginAsync(beginning);
        var stream = socket.GetStream();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        end.CancelAfter(Patience);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = reader.ReadToEndAsync(end.Token);
        try
        {
            while (!answer.IsCompleted)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(piece), Cancelled);
                await Task.WhenAny(answer, Task.Delay(Pause, Cancelled));
            }
        }
        catch (IOException)
        {
            // The gateway has closed the connection.
        }

        return await answer;
    }

    private async Task<TcpClient> BeginAsync(string beginning)
    {
        var socket = new TcpClient { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(gateway.Address.Host, gateway.Address.Port, Cancelled);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(beginning), Cancelled);
        return socket;
    }
}
