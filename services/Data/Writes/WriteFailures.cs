using KvAspire.Data.Idempotency;
using KvAspire.Data.Owners;
using KvAspire.ServiceDefaults.Errors;
using Npgsql;

namespace KvAspire.Data.Writes;

/// <summary>Turns exceptions of writes into errors.</summary>
internal sealed class WriteFailures : IEndpointFilter
{
    /// <summary>The errors of requests with an <c>Idempotency-Key</c>.</summary>
    public static readonly ApiError[] OfIdempotencyKeys = [ErrorCatalogue.IdempotencyInProgress, ErrorCatalogue.IdempotencyKeyReused];

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (Of(exception) is { } error)
        {
            return error.AsResult(reason: (exception.InnerException ?? exception).GetType().Name);
        }
    }

    /// <summary>The error of an exception; null if the exception is not specific to writes.</summary>
    public static ApiError? Of(Exception exception) => exception switch
    {
        OutcomeUnknownException => ErrorCatalogue.OutcomeUnknown,
        WritesOverloadedException => ErrorCatalogue.Unavailable,
        PostgresException { SqlState: ErasedOwner.Refused } => ErrorCatalogue.InvalidToken, // the owner was erased after the token check
        IdempotencyRefusedException { State: IdempotencyState.Reused } => ErrorCatalogue.IdempotencyKeyReused,
        IdempotencyRefusedException => ErrorCatalogue.IdempotencyInProgress,
        _ => null,
    };
}
