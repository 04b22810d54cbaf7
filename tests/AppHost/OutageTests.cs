using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>A system of its own with two data replicas: these tests stop parts of it.</summary>
public sealed class FragileSystem() : RunningSystem(["--Replicas:Data=2"]);

public sealed class OutageTests(FragileSystem system) : IClassFixture<FragileSystem>
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_succeed_while_the_cache_is_stopped_and_use_it_again_afterwards()
    {
        var account = await system.RegisterAsync(Cancel);
        using var gateway = system.Client("gateway", account.AccessToken);
        await gateway.PostAsJsonAsync("/api/data", new { key = "steady", value = 0 }, Cancel);
        await EventuallyHitsAsync(gateway);

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var statuses = new ConcurrentBag<HttpStatusCode>();
        var load = Task.WhenAll(Enumerable.Range(0, 8).Select(worker => LoadAsync(gateway, worker, statuses, enough.Token)));

        await ExecuteAsync("cache", KnownResourceCommands.StopCommand);
        await AnsweredAsync(statuses, statuses.Count + 200);
        await system.App.ResourceNotifications.WaitForResourceAsync("data", seen => seen.Snapshot.HealthReports.Any(report =>
            report is { Status: HealthStatus.Degraded, Description: "cache is degraded: Redis does not answer." }), Cancel).WaitAsync(Recovery, Cancel);
        await ExecuteAsync("cache", KnownResourceCommands.StartCommand);
        await EventuallyHitsAsync(gateway);
        await enough.CancelAsync();
        await load;

        Assert.All(statuses, status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.Created, $"{status}"));
    }

    [Fact]
    public async Task A_token_stays_valid_when_identity_restarts()
    {
        var account = await system.RegisterAsync(Cancel);
        using var gateway = system.Client("gateway", account.AccessToken);

        await ExecuteAsync("identity", KnownResourceCommands.RestartCommand);
        await system.App.ResourceNotifications.WaitForResourceHealthyAsync("identity", WaitBehavior.WaitOnResourceUnavailable, Cancel).WaitAsync(Recovery, Cancel);

        using var stored = await gateway.PostAsJsonAsync("/api/data", new { key = "after-restart", value = 1 }, Cancel);
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
    }

    // Each worker creates a key of its own, then reads and updates it until cancelled.
    private static async Task LoadAsync(
        HttpClient gateway, int worker, ConcurrentBag<HttpStatusCode> statuses, CancellationToken enough)
    {
        var path = $"/api/data/load-{worker}";
        statuses.Add((await gateway.PostAsJsonAsync("/api/data", new { key = $"load-{worker}", value = 0 }, Cancel)).StatusCode);
        for (var round = 1; round < 20_000 && !enough.IsCancellationRequested; round++)
        {
            using var updated = await gateway.PutAsJsonAsync(path, new { value = round }, Cancel);
            using var read = await gateway.GetAsync(path, Cancel);
            statuses.Add(updated.StatusCode);
            statuses.Add(read.StatusCode);
            Assert.Contains($"\"value\":{round}}}", await read.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
    }

    private static async Task AnsweredAsync(ConcurrentBag<HttpStatusCode> statuses, int count)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (statuses.Count < count)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Recovery, "Requests are hardly answered while the cache is stopped.");
            await Task.Delay(50, Cancel);
        }
    }

    private static async Task EventuallyHitsAsync(HttpClient gateway)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var answer = await gateway.GetAsync("/api/data/steady", Cancel);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            if (answer.Headers.GetValues("Cache-Status").Single().Contains("hit", StringComparison.Ordinal))
                return;

            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < Recovery, "The cache is not used.");
            await Task.Delay(100, Cancel);
        }
    }

    private async Task ExecuteAsync(string resource, string command)
    {
        var result = await system.App.ResourceCommands.ExecuteCommandAsync(resource, command, Cancel);
        Assert.True(result.Success, $"{command} of {resource} failed.");
    }
}
