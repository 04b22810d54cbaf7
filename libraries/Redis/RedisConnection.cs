using System.Diagnostics;
using System.Reflection;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;
using StackExchange.Redis;
using StackExchange.Redis.Profiling;

namespace KvAspire.Redis;

/// <summary>Connects to Redis in the background, since the client blocks while it connects.</summary>
public sealed partial class RedisConnection(IServiceProvider services, TimeProvider time, ILogger<RedisConnection> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly RepeatedFailure failure = new(time);
    private readonly TaskCompletionSource connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile IDatabase? database;

    /// <summary>The database; null until the client exists. Redis may still be unreachable.</summary>
    public IDatabase? Database => database;

    /// <summary>Completes once the client exists.</summary>
    public Task Connected => connected.Task;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!TryConnect())
            await Task.Delay(Pause, time, stoppingToken);
    }

    // The client reconnects by itself.
    private bool TryConnect()
    {
        try
        {
            var connection = services.GetRequiredService<IConnectionMultiplexer>();
            services.GetRequiredService<RedisSpans>().Follow(connection);
            database = connection.GetDatabase();
            return connected.TrySetResult();
        }
        catch (Exception exception) when (exception is RedisException or InvalidOperationException or ArgumentException)
        {
            if (failure.Failed())
                LogNoClient(logger, exception);
            return false;
        }
    }

    [LoggerMessage(EventIds.RedisClientNotMade, LogLevel.Warning, "The Redis client could not be created; the service continues without Redis.", EventName = nameof(EventIds.RedisClientNotMade))]
    private static partial void LogNoClient(ILogger logger, Exception exception);
}

/// <summary>
/// Spans of Redis commands by OpenTelemetry's instrumentation, for recorded requests only. The instrumentation gets this proxy as
/// its connection, since <see cref="RedisConnection"/> creates the real one later.
/// </summary>
internal class RedisSpans : DispatchProxy
{
    private Func<ProfilingSession?>? sessions;

    /// <summary>
    /// Records the commands of a connection. By itself the instrumentation records the commands of every request, and drops those
    /// of unrecorded requests only at its next flush.
    /// </summary>
    public void Follow(IConnectionMultiplexer connection) =>
        connection.RegisterProfiler(() => Activity.Current is { Recorded: true } ? sessions?.Invoke() : null);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod?.Name is not nameof(IConnectionMultiplexer.RegisterProfiler))
            throw new NotSupportedException($"{targetMethod?.Name} needs a real connection.");

        sessions = (Func<ProfilingSession?>)args![0]!;
        return null;
    }
}

internal static class RedisSpansSetup
{
    // The instrumentation reads this from the environment only. Stable names: db.system.name instead of db.system, and so on.
    private const string Conventions = "OTEL_SEMCONV_STABILITY_OPT_IN", StableOnes = "database";

    public static IServiceCollection AddRedisSpans(this IServiceCollection services)
    {
        if (Environment.GetEnvironmentVariable(Conventions) is null)
            Environment.SetEnvironmentVariable(Conventions, StableOnes);

        var profiled = DispatchProxy.Create<IConnectionMultiplexer, RedisSpans>();
        services.AddSingleton((RedisSpans)profiled);
        // Without the text of the command, which contains the key.
        services.AddOpenTelemetry().WithTracing(tracing => tracing.AddRedisInstrumentation(profiled, options => options.SetVerboseDatabaseStatements = false));
        return services;
    }
}
