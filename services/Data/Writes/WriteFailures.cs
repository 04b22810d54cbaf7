using KvAspire.Data.Idempotency;
using KvAspire.Data.Owners;
using KvAspire.ServiceDefaults.Errors;
using Npgsql;

namespace KvAspire.Data.Writes;

/// <summary>Answers changes that did not come to an outcome.</summary>
internal sealed partial class WriteFailures(ILogger<WriteFailures> logger) : IEndpointFilter
{
    /// <summary>What requests with an <c>Idempotency-Key</c> may be refused for.</summary>
    public static readonly ApiError[] OfOnceKeys = [ErrorCatalogue.IdempotencyInProgress, ErrorCatalogue.IdempotencyKeyReused];

    /// <inheritdoc/>
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

    /// <summary>What is answered to a change that ended so; null where that is nothing special to changes.</summary>
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
        PostgresException { SqlState: ErasedOwner.Refused } => ErrorCatalogue.InvalidToken, // it was valid when the request came
        OnceRefusedException { State: OnceState.Reused } => ErrorCatalogue.IdempotencyKeyReused,
        OnceRefusedException => ErrorCatalogue.IdempotencyInProgress,
        _ => null,
    };

    [LoggerMessage(51, LogLevel.Warning, "Postgres was lost during a commit ({Reason}): whether the change is stored is not known.")]
    private static partial void LogUnknown(ILogger logger, string? reason);
}
