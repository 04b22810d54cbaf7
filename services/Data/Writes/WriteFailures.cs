using KvAspire.Data.Idempotency;
using KvAspire.Data.Owners;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Telemetry;
using Npgsql;

namespace KvAspire.Data.Writes;

/// <summary>Turns exceptions of writes into errors.</summary>
internal sealed partial class WriteFailures(ILogger<WriteFailures> logger) : IEndpointFilter
{
    /// <summary>The errors of requests with an <c>Idempotency-Key</c>.</summary>
    public static readonly ApiError[] OfIdempotencyKeys = [ErrorCatalogue.IdempotencyInProgress, ErrorCatalogue.IdempotencyKeyReused];

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (Of(exception, logger) is { } error)
        {
            return error.AsResult();
        }
    }

    /// <summary>Returns the error of an exception; null if the exception is not specific to writes.</summary>
    public static ApiError? Of(Exception exception, ILogger logger)
    {
        if (exception is OutcomeUnknownException)
            LogUnknown(logger, exception.InnerException?.GetType().Name);
        return Of(exception);
    }

    private static ApiError? Of(Exception exception) => exception switch
    {
        OutcomeUnknownException => ErrorCatalogue.OutcomeUnknown,
        WritesOverloadedException => ErrorCatalogue.Unavailable,
        PostgresException { SqlState: ErasedOwner.Refused } => ErrorCatalogue.InvalidToken, // the owner was erased after the token check
        IdempotencyRefusedException { State: IdempotencyState.Reused } => ErrorCatalogue.IdempotencyKeyReused,
        IdempotencyRefusedException => ErrorCatalogue.IdempotencyInProgress,
        _ => null,
    };

    [LoggerMessage(EventIds.WriteOutcomeUnknown, LogLevel.Warning, "Postgres was lost during a commit ({Reason}); it is unknown whether the change is stored.")]
    private static partial void LogUnknown(ILogger logger, string? reason);
}
