namespace KvAspire.ServiceDefaults.Errors;

/// <summary>An error that the API can answer: an entry of <see cref="ErrorCatalogue"/>.</summary>
/// <param name="Code">The stable code that clients branch on, for example <c>KEY_NOT_FOUND</c>.</param>
/// <param name="Status">The HTTP status code (RFC 9110, section 15).</param>
/// <param name="Message">The sentence for people.</param>
public sealed record ApiError(string Code, int Status, string Message)
{
    /// <summary>The answer that carries this error in the envelope.</summary>
    /// <param name="message">Replaces the catalogue's sentence where an endpoint can say more.</param>
    /// <param name="errors">For validation: what is wrong with each field.</param>
    /// <param name="retryAfter">For 429 and 503: after how long it makes sense to try again.</param>
    public ErrorResult AsResult(
        string? message = null, IReadOnlyDictionary<string, string[]>? errors = null, TimeSpan? retryAfter = null) =>
        new(this, message, errors, retryAfter);
}
