using System.Net;

namespace KvAspire.Client;

/// <summary>An error response of the service. The important codes have exceptions of their own.</summary>
/// <param name="error">What the response says.</param>
public class KvException(KvError error) : Exception(error?.Message)
{
    private readonly KvError error = error ?? throw new ArgumentNullException(nameof(error));

    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status => error.Status;

    /// <summary>The error code, such as <c>KEY_NOT_FOUND</c>; see the API's error catalogue.</summary>
    public string Code => error.Code;

    /// <summary>The trace id of the request, for the operators of the system.</summary>
    public string? TraceId => error.TraceId;

    /// <summary>The validation errors of each field.</summary>
    public IReadOnlyDictionary<string, string[]> Errors => error.Errors;

    /// <summary>The value of <c>Retry-After</c>.</summary>
    public TimeSpan? RetryAfter => error.RetryAfter;

    /// <summary>The message with the status, the code and the trace id, before the stack.</summary>
    public override string ToString()
    {
        var (text, heading) = (base.ToString(), $"{GetType()}: {Message}");
        var facts = $" ({(int)Status} {Code}{(TraceId is null ? "" : $", trace {TraceId}")})";
        return text.StartsWith(heading, StringComparison.Ordinal) ? text.Insert(heading.Length, facts) : text + facts;
    }

    internal static async Task<KvException> FromAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        Of(await KvError.ReadAsync(response, cancellationToken).ConfigureAwait(false));

    /// <summary>The exception for an error: the one of its code where there is one.</summary>
    public static KvException Of(KvError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.Code switch
        {
            "KEY_EXISTS" => new KvKeyExistsException(error),
            "KEY_NOT_FOUND" => new KvKeyNotFoundException(error),
            "PRECONDITION_FAILED" => new KvPreconditionFailedException(error),
            "TXN_CONFLICT" => new KvTransactionConflictException(error),
            "NOT_A_NUMBER" => new KvNotANumberException(error),
            "QUOTA_EXCEEDED" => new KvQuotaExceededException(error),
            "RATE_LIMITED" => new KvRateLimitedException(error),
            "REVISION_COMPACTED" => new KvRevisionCompactedException(error),
            "INVALID_CREDENTIALS" => new KvInvalidCredentialsException(error),
            "INVALID_TOKEN" => new KvInvalidTokenException(error),
            "INSUFFICIENT_SCOPE" => new KvInsufficientScopeException(error),
            "UNAVAILABLE" => new KvUnavailableException(error),
            "OUTCOME_UNKNOWN" => new KvOutcomeUnknownException(error),
            _ when error.Status is HttpStatusCode.TooManyRequests => new KvRateLimitedException(error), // OAuth's, or a proxy's
            _ => new KvException(error),
        };
    }
}
