using System.Diagnostics;
using KvAspire.Gateway.Tests.Edge;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KvAspire.Gateway.Tests;

/// <summary>A gateway that is told to stop.</summary>
public sealed class DrainTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Told_to_stop_it_is_not_healthy_but_serves_on_and_closes_each_connection_and_finishes_what_it_has_begun()
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
}
