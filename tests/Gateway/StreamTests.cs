using System.Diagnostics;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Http;

namespace KvAspire.Gateway.Tests;

/// <summary>A watch, whose response is a stream.</summary>
public sealed class StreamTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_are_passed_on_at_once_and_a_gateway_that_stops_waits_for_no_stream()
    {
        var next = new SemaphoreSlim(0);
        await using var issuer = await TestIssuer.StartAsync();
        await using var data = await Backend.StartAsync("data");
        data.Answer = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; i < 100; i++)
            {
                await context.Response.WriteAsync($"data: {i}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await next.WaitAsync(context.RequestAborted);
            }
        };
        var gateway = new GatewayUnderTest().With(issuer).With("data", "h2c", data.Address).Start();
        using var client = gateway.Client(issuer.Issue("user"));
        using var response = await client.GetAsync("/api/watch", HttpCompletionOption.ResponseHeadersRead, Cancelled);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancelled));

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal($"data: {i}", await reader.ReadLineAsync(Cancelled).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancelled));
            Assert.Equal("", await reader.ReadLineAsync(Cancelled));
            next.Release();
        }

        Assert.Equal("data: 3", await reader.ReadLineAsync(Cancelled));
        var clock = Stopwatch.StartNew();
        await gateway.DisposeAsync();
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }
}
