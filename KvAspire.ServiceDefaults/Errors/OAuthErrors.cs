using System.Collections.Frozen;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace KvAspire.ServiceDefaults.Errors;

/// <summary>
/// The paths of a service whose errors have the format of RFC 6749, section 5.2, because standard clients read them. The path
/// decides, so that also a 405 and an unhandled exception have it.
/// </summary>
public sealed class OAuthErrors(IEnumerable<string> paths)
{
    private readonly FrozenSet<string> paths = paths.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether errors of this path are OAuth errors.</summary>
    public bool Contain(PathString path) => path.Value is { } text && paths.Contains(text.TrimEnd('/'));

    /// <summary>
    /// The code for a status: of RFC 6750, section 3.1, for tokens, and of RFC 6749, sections 4.1.2.1 and 5.2. A client may try
    /// again what is <c>temporarily_unavailable</c>, after <c>Retry-After</c>.
    /// </summary>
    public static string CodeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "invalid_token",
        StatusCodes.Status403Forbidden => "insufficient_scope",
        StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable => "temporarily_unavailable",
        >= StatusCodes.Status500InternalServerError => "server_error",
        _ => "invalid_request",
    };
}

/// <summary>An error in the format of RFC 6749, section 5.2.</summary>
/// <param name="Error">The code.</param>
/// <param name="ErrorDescription">A sentence for people.</param>
/// <param name="TraceId">The W3C trace id of the request, as in the envelope.</param>
public sealed record OAuthErrorBody(string Error, string ErrorDescription, string TraceId)
{
    /// <summary>An error of the current request.</summary>
    public static OAuthErrorBody Of(string error, string description) =>
        new(error, description, (Activity.Current?.TraceId ?? ActivityTraceId.CreateRandom()).ToHexString());
}
