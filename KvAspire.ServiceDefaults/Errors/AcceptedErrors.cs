using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace KvAspire.ServiceDefaults.Errors;

/// <summary>Chooses the format of an error by <c>Accept</c> (RFC 9110, section 12.5.1).</summary>
internal static class AcceptedErrors
{
    /// <summary>The media type of problem details (RFC 9457).</summary>
    public const string Problem = "application/problem+json";

    private const string Json = "application/json";

    /// <summary>
    /// Whether the client prefers problem details to the envelope: by their quality, and with equal quality if the client names
    /// them. A header that cannot be read prefers nothing.
    /// </summary>
    public static bool PreferProblem(StringValues accept)
    {
        if (accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(accept, out var ranges))
            return false;

        var (problem, json) = (QualityOf(Problem, ranges), QualityOf(Json, ranges));
        return problem > json || (problem > 0 && problem >= json && ranges.Any(range => Is(range, Problem)));
    }

    // The most specific range decides.
    private static double QualityOf(string type, IList<MediaTypeHeaderValue> ranges) =>
        (Find(type, ranges) ?? Find("application/*", ranges) ?? Find("*/*", ranges)) is { } range ? range.Quality ?? 1 : 0;

    private static MediaTypeHeaderValue? Find(string type, IList<MediaTypeHeaderValue> ranges) =>
        ranges.FirstOrDefault(range => Is(range, type));

    private static bool Is(MediaTypeHeaderValue range, string type) =>
        range.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase);
}
