namespace KvAspire.ServiceDefaults.Errors;

/// <summary>An error of the API: an entry of <see cref="ErrorCatalogue"/>.</summary>
/// <param name="Code">The stable code that clients branch on, for example <c>KEY_NOT_FOUND</c>.</param>
/// <param name="Status">The HTTP status code (RFC 9110, section 15).</param>
/// <param name="Message">The sentence for people.</param>
public sealed record ApiError(string Code, int Status, string Message)
{
    /// <summary>The errors of each field, if the part that found them knows them.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>The HTTP response with this error.</summary>
    /// <param name="message">A more precise message than the catalogue's.</param>
    /// <param name="errors">The validation errors of each field, in place of <see cref="Errors"/>.</param>
    /// <param name="retryAfter">The value of <c>Retry-After</c>, for 429 and 503.</param>
    /// <param name="reason">Why, for the log only: a text of ours, without data of users.</param>
    public ErrorResult AsResult(
        string? message = null, IReadOnlyDictionary<string, string[]>? errors = null, TimeSpan? retryAfter = null, string? reason = null) =>
        new(this, message, errors ?? Errors, retryAfter) { Reason = reason };
}
