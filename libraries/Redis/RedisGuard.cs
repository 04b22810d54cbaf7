using System.Threading.Channels;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Telemetry;
using StackExchange.Redis;

namespace KvAspire.Redis;

/// <summary>
/// Runs commands on Redis so that none can fail or delay a request: each command has a deadline, and a circuit breaker skips
/// commands while Redis does not answer.
/// </summary>
public sealed partial class RedisGuard
{
    private readonly RedisConnection connection;
    private readonly ILogger<RedisGuard> logger;
    private readonly CircuitBreakerStateProvider state = new();
    private readonly Channel<bool> failures = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ResiliencePipeline pipeline;
    private readonly TimeSpan deadline;
    private readonly TimeProvider time;
    private bool isLost;

    /// <summary>Creates the guard.</summary>
    public RedisGuard(RedisConnection connection, IOptions<RedisOptions> options, TimeProvider time, ILogger<RedisGuard> logger)
    {
        (this.connection, this.logger, this.time) = (connection, logger, time);
        deadline = options.Value.Deadline;
        pipeline = new ResiliencePipelineBuilder { Name = "redis", TimeProvider = time }
            // Metrics but no log: the client's messages contain the command, and so a user's key.
            .ConfigureTelemetry(new TelemetryOptions())
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                // A short window, so that commands that succeeded before Redis hung soon no longer count.
                SamplingDuration = TimeSpan.FromSeconds(1),
                FailureRatio = 0.5,
                MinimumThroughput = 4,
                BreakDuration = TimeSpan.FromSeconds(1),
                StateProvider = state,
                OnOpened = Opened,
                OnClosed = Closed,
            })
            .Build();
    }

    /// <summary>Whether the client exists and the circuit is closed.</summary>
    public bool IsClosed => connection.Database is not null && state.CircuitState is CircuitState.Closed;

    /// <summary>Whether the client is connected.</summary>
    public bool IsConnected => connection.Database?.Multiplexer.IsConnected is true;

    /// <summary>Whether the client is connected, and the circuit is closed.</summary>
    public bool IsUsable => IsConnected && IsClosed;

    /// <summary>Waits until a command fails; a failure since the last call counts too.</summary>
    public async Task FailureAsync(CancellationToken cancellationToken) => await failures.Reader.ReadAsync(cancellationToken);

    /// <summary>Runs a command.</summary>
    /// <returns>Whether Redis answered in time, and the result.</returns>
    public async ValueTask<(bool Answered, T? Value)> TryAsync<TArgument, T>(
        Func<IDatabase, TArgument, Task<T>> command, TArgument argument)
    {
        if (connection.Database is not { } database)
            return default;

        var context = ResilienceContextPool.Shared.Get();
        var outcome = await pipeline.ExecuteOutcomeAsync(
            static (_, call) => RunAsync(call.command, call.database, call.argument, call.deadline, call.time),
            context, (command, database, argument, deadline, time));
        ResilienceContextPool.Shared.Return(context);

        if (outcome.Exception is null)
            return (true, outcome.Result);

        if (outcome.Exception is BrokenCircuitException)
            RequestSpan.Happened("kvaspire.breaker", "kvaspire.dependency", "redis");
        else
            failures.Writer.TryWrite(true);
        return default;
    }

    // Not Polly's timeout: it needs commands that take a cancellation token, which the client's do not, and costs every read a
    // token source and two more layers.
    private static async ValueTask<Outcome<T>> RunAsync<TArgument, T>(
        Func<IDatabase, TArgument, Task<T>> command, IDatabase database, TArgument argument, TimeSpan deadline, TimeProvider time)
    {
        Task<T>? answer = null;
        try
        {
            answer = command(database, argument);
            return Outcome.FromResult(await answer.WaitAsync(deadline, time));
        }
        catch (Exception exception)
        {
            Observe(answer);
            return Outcome.FromException<T>(exception);
        }
    }

    // An abandoned command may still fail: its exception must not be unobserved.
    private static void Observe(Task? answer) => answer?.ContinueWith(
        static task => task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    // The circuit opens again after every failed trial; only the first time is logged.
    private ValueTask Opened(OnCircuitOpenedArguments<object> opened)
    {
        if (Interlocked.Exchange(ref isLost, true) is false)
            LogLost(logger, opened.Outcome.Exception?.GetType().Name);
        return default;
    }

    private ValueTask Closed(OnCircuitClosedArguments<object> closed)
    {
        if (Interlocked.Exchange(ref isLost, false) is true)
            LogBack(logger);
        return default;
    }

    // Logs only the exception's type: the client's messages contain the command, and so a user's key.
    [LoggerMessage(EventIds.RedisLost, LogLevel.Warning, "Redis does not answer ({Reason}); the service continues without Redis.", EventName = nameof(EventIds.RedisLost))]
    private static partial void LogLost(ILogger logger, string? reason);

    [LoggerMessage(EventIds.RedisBack, LogLevel.Information, "Redis answers again.", EventName = nameof(EventIds.RedisBack))]
    private static partial void LogBack(ILogger logger);
}
