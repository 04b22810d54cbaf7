using System.Diagnostics;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KvAspire.Gateway.Tests;

/// <summary>A gateway that drains before it stops.</summary>
public sealed class DrainTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_draining_gateway_is_unhealthy_but_serves_closes_connections_and_finishes_requests()
    {
        var goOn = new TaskCompletionSource();
        await using var issuer = await TestIssuer.StartAsync();
        await using var data = await Backend.StartAsync("data");
        data.Answer = context => context.Request.Path == "/api/data/slow" ? goOn.Task : context.Response.WriteAsync("served");
        await using var gateway = new GatewayUnderTest().With(issuer).With("data", "h2c", data.Address).With("Drain:Delay", "00:00:02").Start();
        using var client = gateway.Client(issuer.Issue("user"));
        var slow = client.GetAsync("/api/data/slow", Cancelled);
        using var before = await client.GetAsync("/health", Cancelled);
        for (var i = 0; i < 100 && !data.Arrivals.Any(); i++)
            await Task.Delay(50, Cancelled);
        Assert.Single(data.Arrivals);

        gateway.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication(); // as SIGTERM does
        using var ready = await client.GetAsync("/health", Cancelled);
        using var alive = await client.GetAsync("/alive", Cancelled);
        using var served = await client.GetAsync("/api/data/quick", Cancelled);

        Assert.Equal((200, 503, 200), ((int)before.StatusCode, (int)ready.StatusCode, (int)alive.StatusCode));
        Assert.Equal("served", await served.Content.ReadAsStringAsync(Cancelled));
        Assert.True(served.Headers.ConnectionClose);

        var clock = Stopwatch.StartNew();
        var stopped = gateway.Services.GetRequiredService<IHost>().StopAsync(Cancelled);
        await Task.Delay(TimeSpan.FromSeconds(0.5), Cancelled);
        using var late = await client.GetAsync("/api/data/late", Cancelled);
        Assert.Equal(200, (int)late.StatusCode);
        await Task.Delay(TimeSpan.FromSeconds(2), Cancelled);
        Assert.False(stopped.IsCompleted);
        goOn.SetResult();
        using var finished = await slow.WaitAsync(TimeSpan.FromSeconds(10), Cancelled);
        Assert.Equal(200, (int)finished.StatusCode);
        await stopped.WaitAsync(TimeSpan.FromSeconds(10), Cancelled);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Over_HTTP_2_a_draining_gateway_sends_GOAWAY_and_answers_requests_already_sent()
    {
        using var closed = new ClosedPort();
        await using var issuer = await TestIssuer.StartAsync();
        await using var gateway = new GatewayUnderTest().With(issuer).With("data", "h2c", closed.Address)
            .With("Kestrel:Endpoints:http:Protocols", "Http2").With("Drain:Delay", "00:00:02").Start();
        using var connection = await Http2Frames.ConnectAsync(gateway.Address, Cancelled);
        var first = await connection.GetAsync("/alive", Cancelled);
        Assert.Equal((Http2Frames.Headers, first), await NextAsync(connection));

        gateway.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        var (second, third) = await connection.GetTwiceAsync("/alive", Cancelled);
        var (answered, said) = (new List<int>(), new List<byte>());
        while (answered.Count < 2 || !said.Contains(Http2Frames.GoAway))
        {
            var (type, stream) = await NextAsync(connection) ?? throw new IOException("The connection ended.");
            said.Add(type);
            if (type is Http2Frames.Headers)
                answered.Add(stream);
        }

        Assert.Equal([second, third], answered.Order()); // in any order: the gateway serves them concurrently
    }

    [Fact]
    public async Task Old_and_new_watches_are_served_during_the_drain_delay_and_then_aborted()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var data = await Backend.StartAsync("data");
        data.Answer = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; ; i++)
            {
                await context.Response.WriteAsync($"data: {i}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(50, context.RequestAborted);
            }
        };
        await using var gateway = new GatewayUnderTest().With(issuer).With("data", "h2c", data.Address).With("Drain:Delay", "00:00:02").Start();
        using var client = gateway.Client(issuer.Issue("user"));
        var old = await client.GetStreamAsync("/api/watch", Cancelled);

        var clock = Stopwatch.StartNew();
        var stopped = gateway.Services.GetRequiredService<IHost>().StopAsync(Cancelled);
        var late = await client.GetStreamAsync("/api/watch", Cancelled);
        var lengths = await Task.WhenAll(ReadUntilAbortedAsync(old), ReadUntilAbortedAsync(late)).WaitAsync(TimeSpan.FromSeconds(20), Cancelled);

        Assert.All(lengths, length => Assert.True(length > 0));
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(20));
        await stopped.WaitAsync(TimeSpan.FromSeconds(10), Cancelled);
    }

    private static async Task<(byte, int)?> NextAsync(Http2Frames connection) =>
        await connection.NextAsync([Http2Frames.Headers, Http2Frames.GoAway], Cancelled).WaitAsync(TimeSpan.FromSeconds(10), Cancelled) is { } frame
            ? (frame.Type, frame.Stream) : null;

    // The stream must be aborted, not ended: else a client would take a part of the last event for a whole one.
    private static async Task<long> ReadUntilAbortedAsync(Stream stream)
    {
        var (length, buffer) = (0L, new byte[1024]);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            for (int read; (read = await stream.ReadAsync(buffer, Cancelled)) > 0;)
                length += read;
        });
        return length;
    }
}
