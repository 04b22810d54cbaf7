using System.Threading.Channels;
using Polly;
using Polly.CircuitBreaker;
using StackExchange.Redis;

namespace KvAspire.Data.Cache;

/// <summary>
/// Runs commands on Redis so that none can fail or hold up a request: each has a deadline, and while Redis does not answer
/// a circuit breaker spares requests the wait.
/// </summary>
internal sealed partial class CacheGuard
{
    /// <summary>Far beyond what Redis takes; still short where a request has to go to Postgres after it.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(100);

    private readonly CacheConnection connection;
    private readonly ILogger<CacheGuard> logger;
    private readonly CircuitBreakerStateProvider state = new();
    private readonly Channel<bool> failures = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ResiliencePipeline pipeline;

    public CacheGuard(CacheConnection connection, TimeProvider time, ILogger<CacheGuard> logger)
    {
        this.connection = connection;
        this.logger = logger;
        pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                // The shortest window: what succeeded before Redis hung is soon forgotten.
                SamplingDuration = TimeSpan.FromMilliseconds(500),
                FailureRatio = 0.5,
                MinimumThroughput = 2,
                BreakDuration = TimeSpan.FromSeconds(1),
                StateProvider = state,
                OnOpened = Opened,
                OnClosed = Closed,
            })
            .AddTimeout(Deadline)
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
            static (context, call) => RunAsync(call.command, call.database, call.argument, context.CancellationToken),
            context, (command, database, argument));
        ResilienceContextPool.Shared.Return(context);

        if (outcome.Exception is null)
            return (true, outcome.Result);

        if (outcome.Exception is not BrokenCircuitException)
            failures.Writer.TryWrite(true);
        return default;
    }

    private static async ValueTask<Outcome<T>> RunAsync<TArgument, T>(
        Func<IDatabase, TArgument, Task<T>> command, IDatabase database, TArgument argument, CancellationToken deadline)
    {
        Task<T>? answer = null;
        try
        {
            answer = command(database, argument);
            return Outcome.FromResult(await answer.WaitAsync(deadline));
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

    private ValueTask Opened(OnCircuitOpenedArguments<object> opened)
    {
        LogLost(logger, opened.Outcome.Exception);
        return default;
    }

    private ValueTask Closed(OnCircuitClosedArguments<object> closed)
    {
        LogBack(logger);
        return default;
    }

    [LoggerMessage(21, LogLevel.Warning, "Redis does not answer: reads go to Postgres.")]
    private static partial void LogLost(ILogger logger, Exception? exception);

    [LoggerMessage(22, LogLevel.Information, "Redis answers again: reads use the cache.")]
    private static partial void LogBack(ILogger logger);
}
