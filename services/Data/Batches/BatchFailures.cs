using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Telemetry;

namespace KvAspire.Data.Batches;

/// <summary>
/// Turns the exceptions of batched writes into errors, and logs their causes. The gateway writes the answers and logs each with its
/// route, but only this service knows the cause.
/// </summary>
internal sealed partial class BatchFailures(DatabaseFaultLog faults, TimeProvider time, ILogger<BatchFailures> logger)
{
    private const int LinesPerSecond = 10;

    private readonly LineBudget budget = new(LinesPerSecond, time);

    /// <summary>The error of a write.</summary>
    /// <param name="exception">Its exception.</param>
    /// <param name="traceId">The trace id of its request. The line's own is that of the batch.</param>
    public ApiError Of(Exception exception, string? traceId)
    {
        faults.Report(exception);
        if (WriteFailures.Of(exception) is { } known)
        {
            if (exception is OutcomeUnknownException && budget.TryTake())
                LogUnknown(logger, traceId, exception.InnerException?.GetType().Name);
            return known;
        }

        var error = UnhandledErrors.Of(exception);
        if (budget.TryTake())
            LogUnhandled(logger, traceId, error.Status, exception);
        return error;
    }

    [LoggerMessage(EventIds.WriteOutcomeUnknown, LogLevel.Warning, "Postgres was lost during the commit of a write, whose trace is {RequestTraceId} ({Reason}); it is unknown whether the change is stored.", EventName = nameof(EventIds.WriteOutcomeUnknown))]
    private static partial void LogUnknown(ILogger logger, string? requestTraceId, string? reason);

    [LoggerMessage(EventIds.BatchedWriteFailed, LogLevel.Error, "A write of a batch failed with {Status}; its trace is {RequestTraceId}.", EventName = nameof(EventIds.BatchedWriteFailed))]
    private static partial void LogUnhandled(ILogger logger, string? requestTraceId, int status, Exception exception);
}
