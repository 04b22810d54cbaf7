using System.Globalization;
using System.Text;
using KvAspire.ServiceDefaults.Errors;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace KvAspire.Data.Entries;

/// <summary>
/// The conditions of <c>If-Match</c> and <c>If-None-Match</c> (RFC 9110, section 13.1), in the form of the database function:
/// null, <c>*</c>, or the revisions with a comma before and after each.
/// </summary>
/// <param name="Match">The entry must exist with one of these revisions.</param>
/// <param name="NoneMatch">The entry must not exist with one of these revisions.</param>
internal readonly record struct Conditions(string? Match, string? NoneMatch)
{
    public const string Any = "*";

    private const int MaxDigits = 19;

    private const string BadMatch =
        "Invalid request. The header If-Match must be * or a list of strong entity tags in double quotes, such as \"17\".";

    private const string BadNoneMatch =
        "Invalid request. The header If-None-Match must be * or a list of entity tags in double quotes, such as \"17\".";

    /// <summary>Reads the conditions of a request.</summary>
    public static Conditions Of(HttpRequest request) => new(
        Read(request.Headers.IfMatch, withWeak: false),
        Read(request.Headers.IfNoneMatch, withWeak: true));

    /// <summary>
    /// Reads the conditions of a write. A malformed one is an error: if it were ignored, the write would go through.
    /// </summary>
    /// <returns>The error, or null.</returns>
    public static ErrorResult? Read(HttpRequest request, out Conditions conditions)
    {
        conditions = Of(request);
        return !IsWellFormed(request.Headers.IfMatch, withWeak: false) ? ErrorCatalogue.InvalidRequest.AsResult(BadMatch)
            : !IsWellFormed(request.Headers.IfNoneMatch, withWeak: true) ? ErrorCatalogue.InvalidRequest.AsResult(BadNoneMatch)
            : null;
    }

    /// <summary>The condition of one revision.</summary>
    public static string Revision(long revision) => string.Create(CultureInfo.InvariantCulture, $",{revision},");

    /// <summary>Whether <see cref="Match"/> holds for an existing entry.</summary>
    public bool HoldsFor(long revision) => Match is null || Names(Match, revision);

    /// <summary>Whether <see cref="NoneMatch"/> excludes an existing entry.</summary>
    public bool Excludes(long revision) => NoneMatch is not null && Names(NoneMatch, revision);

    private static bool Names(string condition, long revision) =>
        condition is Any || condition.Contains(Revision(revision), StringComparison.Ordinal);

    // Only strong tags can match in If-Match (RFC 9110, section 13.1.1). An empty list is most likely a tag that got lost.
    private static bool IsWellFormed(StringValues header, bool withWeak) =>
        header.Count == 0
        || (EntityTagHeaderValue.TryParseStrictList(header, out var tags) && tags.Count > 0
            && tags.All(tag => tag.Tag == Any ? tags.Count == 1 : withWeak || !tag.IsWeak));

    // Tags that are not ours match no revision.
    private static string? Read(StringValues header, bool withWeak)
    {
        if (header.Count == 0)
            return null;
        if (!EntityTagHeaderValue.TryParseList(header, out var tags))
            return ",";

        var revisions = new StringBuilder(",");
        foreach (var tag in tags)
        {
            if (tag.Tag == Any)
                return Any;
            if ((withWeak || !tag.IsWeak) && tag.Tag.Length is > 2 and <= MaxDigits + 2 && tag.Tag.AsSpan()[1..^1].IndexOfAnyExceptInRange('0', '9') < 0)
                revisions.Append(tag.Tag.AsSpan()[1..^1]).Append(',');
        }

        return revisions.ToString();
    }
}
