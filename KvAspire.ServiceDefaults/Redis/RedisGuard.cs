using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using StackExchange.Redis;

namespace KvAspire.ServiceDefaults.Redis;

/// <summary>
/// Runs commands on Redis so that none can fail or hold up a request: each has a deadline, and while Redis does not answer
/// a circuit breaker spares requests the wait.
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

    /// <summary>Guards a connection.</summary>
    public RedisGuard(RedisConnection connection, IOptions<RedisOptions> options, TimeProvider time, ILogger<RedisGuard> logger)
    {
        (this.connection, this.logger, this.time) = (connection, logger, time);
        deadline = options.Value.Deadline;
        pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                // A short window: what succeeded before Redis hung is soon forgotten.
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

    /// <summary>Whether Redis answers, as far as is known.</summary>
    public bool IsClosed => connection.Database is not null && state.CircuitState is CircuitState.Closed;

    /// <summary>Completes when a command has failed since the last time.</summary>
    public async Task FailureAsync(CancellationToken cancellationToken) => await failures.Reader.ReadAsync(cancellationToken);

    /// <summary>Runs a command.</summary>
    /// <returns>Its result, if Redis answered in time.</returns>
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

        if (outcome.Exception is not BrokenCircuitException)
            failures.Writer.TryWrite(true);
        return default;
    }

    // The deadline is kept here: Polly's own ends what takes a token, which the client's commands do not, and costs every read
    // a source of tokens and two layers more.
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

    // What was given up on may fail yet, with nobody to see it.
    private static void Observe(Task? answer) => answer?.ContinueWith(
        static task => task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    // The circuit opens anew after every trial that fails: that is no news.
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

    // Only the type: the client's messages contain the command, and so a user's key.
    [LoggerMessage(21, LogLevel.Warning, "Redis does not answer ({Reason}): the service does without.")]
    private static partial void LogLost(ILogger logger, string? reason);

    [LoggerMessage(22, LogLevel.Information, "Redis answers again.")]
    private static partial void LogBack(ILogger logger);
}
