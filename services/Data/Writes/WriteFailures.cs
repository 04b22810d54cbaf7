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
        catch (OutcomeUnknownException exception)
        {
            LogUnknown(logger, exception.InnerException?.GetType().Name);
            return ErrorCatalogue.OutcomeUnknown.AsResult();
        }
        catch (WritesOverloadedException)
        {
            return ErrorCatalogue.Unavailable.AsResult();
        }
        catch (PostgresException exception) when (exception.SqlState == ErasedOwner.Refused)
        {
            return ErrorCatalogue.InvalidToken.AsResult(); // it was valid when the request came
        }
        catch (OnceRefusedException refused)
        {
            return (refused.State is OnceState.Reused ? ErrorCatalogue.IdempotencyKeyReused : ErrorCatalogue.IdempotencyInProgress).AsResult();
        }
    }

    [LoggerMessage(51, LogLevel.Warning, "Postgres was lost during a commit ({Reason}): whether the change is stored is not known.")]
    private static partial void LogUnknown(ILogger logger, string? reason);
}
