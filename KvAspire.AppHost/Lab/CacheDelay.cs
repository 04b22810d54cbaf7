using System.Globalization;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace KvAspire.AppHost.Lab;

/// <summary>
/// Delays Redis: again and again it stops answering for twice the delay (CLIENT PAUSE), so that commands wait for the delay on
/// average. Redis ends each pause by itself, also if the AppHost is killed. It looks for the end of a pause in its timer, which
/// runs <c>hz</c> times in a second: 10 by default, too rarely for a delay of milliseconds.
/// </summary>
internal sealed partial class CacheDelay(IResourceWithConnectionString cache)
{
    private static readonly LabNumber Milliseconds = new("milliseconds", "Delay of a command, on average (ms)", Usual: 20, Least: 1, Most: 1000);
    private static readonly LabNumber Seconds = new("seconds", "For how long (s)", Usual: 60, Least: 1, Most: 600);

    // Commands that waited run here. A pause that followed at once would keep them waiting.
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(2);

    private const string Hz = "hz", Often = "500";

    private readonly Lock gate = new();
    private DateTimeOffset until;

    public LabCommand Command => new(
        "slow", "Slow down", "Clock", "Delays each command of Redis for a while. The delay ends by itself.", RunAsync)
    {
        Arguments = [Milliseconds.Input, Seconds.Input],
    };

    private async Task<LabResult> RunAsync(ExecuteCommandContext context)
    {
        var time = context.Services.GetRequiredService<TimeProvider>();
        var (delay, duration) = (TimeSpan.FromMilliseconds(Milliseconds.Read(context)), TimeSpan.FromSeconds(Seconds.Read(context)));
        if (until > time.GetUtcNow())
            return Slow();

        var connection = await CacheConnection.OpenAsync(cache, context.CancellationToken);
        lock (gate)
        {
            if (until > time.GetUtcNow())
                return Slow();

            until = time.GetUtcNow() + duration;
        }

        var stopping = context.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        _ = DelayAsync(connection, delay, time, context.Logger, stopping);
        return new(
            string.Create(CultureInfo.InvariantCulture, $"Commands of {cache.Name} take {delay.TotalMilliseconds} ms longer on average, until {until:HH:mm:ss} UTC."),
            "Traces of `GET /api/data/{key}`: the time in Redis.",
            "Metric `http.server.request.duration` of gateway and data.",
            "From 50 ms on, commands pass the deadline of 100 ms (`Redis:Deadline`): the circuit opens, "
            + "`kvaspire.cache.reads` counts `unavailable`, and requests go to Postgres.");

        LabResult Slow() => new(string.Create(CultureInfo.InvariantCulture, $"{cache.Name} is slow already, until {until:HH:mm:ss} UTC."));
    }

    private async Task DelayAsync(ConnectionMultiplexer connection, TimeSpan delay, TimeProvider time, ILogger logger, CancellationToken stopping)
    {
        try
        {
            await using (connection)
            {
                var server = connection.GetServers().Single();
                var hz = (await server.ConfigGetAsync(Hz)).Single().Value;
                await server.ConfigSetAsync(Hz, Often);
                while (time.GetUtcNow() < until)
                {
                    await connection.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", (long)(2 * delay.TotalMilliseconds), "ALL");
                    await Task.Delay((2 * delay) + Gap, time, stopping);
                }

                await server.ConfigSetAsync(Hz, hz);
            }

            LogEnded(logger);
        }
        catch (Exception exception) when (exception is RedisException or OperationCanceledException)
        {
            LogLost(logger, exception.Message); // Redis was stopped meanwhile, or the AppHost ends
        }
        finally
        {
            lock (gate)
                until = default;
        }
    }

    [LoggerMessage(EventIds.CacheDelayEnded, LogLevel.Information, "The cache is no longer slowed down.", EventName = nameof(EventIds.CacheDelayEnded))]
    private static partial void LogEnded(ILogger logger);

    [LoggerMessage(EventIds.CacheDelayBroken, LogLevel.Warning, "The cache is no longer slowed down: {Reason}", EventName = nameof(EventIds.CacheDelayBroken))]
    private static partial void LogLost(ILogger logger, string reason);
}
