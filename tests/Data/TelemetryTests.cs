using System.Collections.Concurrent;
using System.Diagnostics;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

public sealed class TelemetryTests(World world)
{
    private const string RedisSpans = "OpenTelemetry.Instrumentation.StackExchangeRedis";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cached_read_is_one_trace_down_to_Redis_without_its_key()
    {
        var commands = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener { ShouldListenTo = source => source.Name == RedisSpans, ActivityStopped = commands.Enqueue };
        ActivitySource.AddActivityListener(listener);
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var data = world.NewReplica(receiver.Settings.Select(setting => (setting.Key, setting.Value)).ToArray());
        var (user, key, trace) = (data.NewUser(), $"key-{Guid.NewGuid():N}", ActivityTraceId.CreateRandom().ToHexString());
        await user.StoreAsync(key, "1");
        await user.GetAsync($"/api/data/{key}");

        var read = await user.SendAsync(HttpMethod.Get, $"/api/data/{key}", null, ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01"));
        Assert.Contains("hit", read.Headers.GetValues("Cache-Status").Single(), StringComparison.Ordinal);

        await receiver.WaitUntilAsync(_ => commands.Any(Belongs), "no span of Redis", Cancelled);
        var command = Assert.Single(commands, Belongs);
        Assert.Equal((ActivityKind.Client, "GET"), (command.Kind, command.DisplayName));
        Assert.Equal(
            [("db.namespace", "0"), ("db.operation.name", "GET"), ("db.query.text", "GET"), ("db.system.name", "redis")],
            command.TagObjects.Where(tag => tag.Key.StartsWith("db.", StringComparison.Ordinal)).OrderBy(tag => tag.Key).Select(tag => (tag.Key, $"{tag.Value}")));
        await receiver.WaitUntilAsync(sent => sent.HasTrace(OtlpReceiver.Traces, trace) && sent.Has(OtlpReceiver.Traces, "db.system.name"), "no trace", Cancelled);
        receiver.AssertNowhere(key, user.Subject);

        bool Belongs(Activity activity) => activity.TraceId.ToHexString() == trace;
    }

    [Fact]
    public async Task A_read_that_is_not_sampled_leaves_no_span_of_Redis()
    {
        var commands = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RedisSpans,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = commands.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var (user, recorded, other) = (world.Data.NewUser(), ActivityTraceId.CreateRandom().ToHexString(), ActivityTraceId.CreateRandom().ToHexString());
        foreach (var (trace, flags) in new[] { (other, "00"), (recorded, "01") })
            await user.SendAsync(HttpMethod.Get, "/api/data/k", null, ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-{flags}"));

        var clock = Stopwatch.StartNew();
        while (!commands.Any(command => command.TraceId.ToHexString() == recorded))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), "no span of Redis");
            await Task.Delay(50, Cancelled);
        }

        Assert.DoesNotContain(commands, command => command.TraceId.ToHexString() == other);
    }

    [Fact]
    public async Task Metrics_cover_Postgres_the_runtime_and_a_lost_Redis()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var data = new DataService(world.Database, "127.0.0.1:1", world.Issuer,
            settings: receiver.Settings.Select(setting => (setting.Key, setting.Value)).ToArray());
        var (user, key) = (data.NewUser(), $"key-{Guid.NewGuid():N}");

        // Only reads: a write that Redis is not told of stops all replicas from serving from the cache, and disturbs other tests.
        await user.GetAsync($"/api/data/{key}");
        foreach (var metric in new[]
        {
            "db.client.operation.duration", "db.client.connection.count", "dotnet.gc.collections",
            "resilience.polly.strategy.events", "OnCircuitOpened", "StackExchange.Redis.RedisConnectionException",
        })
        {
            await receiver.WaitUntilAsync(sent => sent.Has(OtlpReceiver.Metrics, metric), $"no {metric}", Cancelled);
        }

        receiver.AssertNowhere(key, user.Subject);
    }
}
