using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http;

namespace KvAspire.ServiceDefaults.Requests;

/// <summary>
/// The content codings of request bodies (RFC 9110, section 8.4): none. A decoded body could be a thousand times as large as the
/// limits that the gateway enforced.
/// </summary>
public static class ContentCoding
{
    private const string Identity = "identity";

    /// <summary><c>UNSUPPORTED_MEDIA_TYPE</c> for a body with a coding.</summary>
    public static readonly ApiError Refusal = ErrorCatalogue.UnsupportedMediaType with
    {
        Message = "The request body must have no content coding. Please send it without Content-Encoding.",
    };

    /// <summary>
    /// Whether the body has a coding. Then the response says in <c>Accept-Encoding</c> which one is accepted (RFC 9110, section
    /// 12.5.3; RFC 7694).
    /// </summary>
    public static bool IsRefused(HttpRequest request)
    {
        var codings = request.Headers.ContentEncoding;
        if (codings.Count == 0 || codings.All(IsIdentity))
            return false;

        request.HttpContext.Response.Headers.AcceptEncoding = Identity;
        return true;
    }

    private static bool IsIdentity(string? line) =>
        (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .All(coding => coding.Equals(Identity, StringComparison.OrdinalIgnoreCase));
}
