using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace KvAspire.ServiceDefaults.Redis;

/// <summary>
/// Connects to Redis in the background: the client blocks while it connects, and the service does its work without.
/// </summary>
public sealed partial class RedisConnection(IServiceProvider services, TimeProvider time, ILogger<RedisConnection> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile IDatabase? database;

    /// <summary>The database, or null where no client could be made yet. That there is one does not mean that Redis answers.</summary>
    public IDatabase? Database => database;

    /// <summary>Completes with the first attempt to connect that left a client.</summary>
    public Task Connected => connected.Task;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!TryConnect())
            await Task.Delay(Pause, time, stoppingToken);
    }

    // Once there is a client, it reconnects by itself.
    private bool TryConnect()
    {
        try
        {
            database = services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
            return connected.TrySetResult();
        }
        catch (Exception exception) when (exception is RedisException or InvalidOperationException or ArgumentException)
        {
            LogNoClient(logger, exception);
            return false;
        }
    }

    [LoggerMessage(20, LogLevel.Warning, "No connection to Redis can be made: the service does without.")]
    private static partial void LogNoClient(ILogger logger, Exception exception);
}
