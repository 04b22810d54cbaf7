using System.Diagnostics;
using KvAspire.ServiceDefaults;
using KvAspire.ServiceDefaults.Telemetry;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace KvAspire.Libraries.Tests;

public sealed class HealthTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("healthy", 200)]
    [InlineData("degraded", 200)]
    [InlineData("unhealthy", 503)]
    public async Task Health_is_JSON_with_named_checks(string status, int expected)
    {
        var result = new HealthCheckResult(Enum.Parse<HealthStatus>(status, ignoreCase: true), "A sentence.");
        await using var service = await CheckedService.StartAsync(_ => Task.FromResult(result));

        using var answer = await service.Client.GetAsync("/health", Cancel);
        Assert.Equal(expected, (int)answer.StatusCode);
        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Matches(
            $$$"""^\{"status":"{{{status}}}","total_duration_ms":[\d.]+,"checks":\{"draining":\{"status":"healthy","duration_ms":[\d.]+\},"tried":\{"status":"{{{status}}}","duration_ms":[\d.]+,"description":"A sentence."\}\}\}$""",
            await answer.Content.ReadAsStringAsync(Cancel));

        using var head = await service.Client.SendAsync(new(HttpMethod.Head, "/health"), Cancel);
        Assert.Equal((expected, answer.Content.Headers.ContentLength), ((int)head.StatusCode, head.Content.Headers.ContentLength));
        Assert.Equal("Healthy", await service.Client.GetStringAsync("/alive", Cancel));
        Assert.Equal(405, (int)(await service.Client.PostAsync("/health", null, Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_check_that_throws_is_unhealthy_without_the_text_of_its_exception()
    {
        await using var service = await CheckedService.StartAsync(_ => throw new InvalidOperationException("host=10.0.0.1"));

        var health = await HealthAnswer.AskAsync(service.Client, Cancel);
        Assert.Equal((503, ("unhealthy", "The check failed.")), (health.StatusCode, health.Checks["tried"]));
    }

    [Fact]
    public async Task A_check_ends_after_two_seconds()
    {
        await using var service = await CheckedService.StartAsync(async cancellationToken =>
        {
            await Task.Delay(TimeSpan.FromMinutes(1), cancellationToken);
            return HealthCheckResult.Healthy();
        });

        var clock = Stopwatch.StartNew();
        var health = await HealthAnswer.AskAsync(service.Client, Cancel);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(6));
        Assert.Equal((503, ("unhealthy", "The check took too long.")), (health.StatusCode, health.Checks["tried"]));
    }

    [Fact]
    public async Task Many_probes_share_one_run_of_the_checks()
    {
        var runs = 0;
        await using var service = await CheckedService.StartAsync(async cancellationToken =>
        {
            Interlocked.Increment(ref runs);
            await Task.Delay(50, cancellationToken);
            return HealthCheckResult.Healthy();
        });

        var clock = Stopwatch.StartNew();
        for (var round = 0; round < 5; round++)
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => service.Client.GetStringAsync("/health", Cancel)));

        Assert.InRange(runs, 1, 1 + (int)clock.Elapsed.TotalSeconds);
    }

    [Fact]
    public async Task A_probe_that_gives_up_does_not_end_the_run_of_the_others()
    {
        var mayEnd = new TaskCompletionSource();
        await using var service = await CheckedService.StartAsync(async cancellationToken =>
        {
            await mayEnd.Task.WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        });

        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var first = service.Client.GetAsync("/health", impatient.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var second = HealthAnswer.AskAsync(service.Client, Cancel);
        mayEnd.SetResult();

        Assert.Equal("healthy", (await second).Status);
    }

    [Fact]
    public async Task Each_change_of_a_check_is_one_line()
    {
        var status = HealthStatus.Degraded;
        await using var service = await CheckedService.StartAsync(_ => Task.FromResult(new HealthCheckResult(status, "A sentence.")));
        foreach (var next in new[] { HealthStatus.Degraded, HealthStatus.Degraded, HealthStatus.Healthy, HealthStatus.Healthy })
        {
            status = next;
            await Task.Delay(400, Cancel); // a run that was not healthy serves for 250 ms
            await HealthAnswer.AskAsync(service.Client, Cancel);
        }

        Assert.Equal(
            [(LogLevel.Warning, "The health check tried is degraded: A sentence."), (LogLevel.Information, "The health check tried is healthy again.")],
            service.Log.Of(EventIds.HealthCheckFailed).Concat(service.Log.Of(EventIds.HealthCheckHealthy)).Select(line => (line.Level, line.Text.TrimEnd())));
    }

    /// <summary>A service with one health check, <c>tried</c>.</summary>
    private sealed class CheckedService(WebApplication app, HeardLog log) : IAsyncDisposable
    {
        public HttpClient Client { get; } = new() { BaseAddress = new Uri(app.Urls.Single()) };

        public HeardLog Log => log;

        public static async Task<CheckedService> StartAsync(Func<CancellationToken, Task<HealthCheckResult>> check)
        {
            var (builder, log) = (WebApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]), new HeardLog());
            builder.AddServiceDefaults();
            builder.Services.AddHealthChecks().AddAsyncCheck("tried", check);
            log.Attend(builder.Services);
            var app = builder.Build();
            app.UseServiceDefaults();
            await app.StartAsync();
            return new(app, log);
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await app.DisposeAsync();
        }
    }
}
