using System.Globalization;
using System.Security.Claims;
using KvAspire.Data.Listing;
using KvAspire.Data.Requests;
using KvAspire.Data.Revisions;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Data.Watch;

/// <summary>The endpoint that streams changes.</summary>
internal static class WatchApi
{
    private const int MaxRevisionDigits = 19;

    private const string TooMany = "Too many watches are open. Please close one, or try again later.";

    /// <summary>Maps it.</summary>
    public static IEndpointConventionBuilder MapWatch(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/watch", WatchAsync).RequireAuthorization(Scopes.Read).Describe(WatchDescription.Watch);

    private static async Task<IResult> WatchAsync(
        HttpRequest request, ClaimsPrincipal user, WatchedOwners watched, ChangeLog log, CancellationToken cancellationToken)
    {
        if (!ListQuery.TryReadPrefix(RawTarget.Of(request), out var prefix))
            return ErrorCatalogue.InvalidKey.AsResult(ListQuery.BadPrefix);
        if (!TryReadPosition(request, out var after))
            return ErrorCatalogue.InvalidCursor.AsResult();

        var name = user.Identity!.Name!;
        var reach = await log.ReachAsync(name, cancellationToken);
        if (after > reach.Last)
            return ErrorCatalogue.InvalidCursor.AsResult(); // not one of ours, or of a log that was lost
        if (after < reach.Compacted)
            return ErrorCatalogue.RevisionCompacted.AsResult();
        if (!watched.TryEnter(name, out var owner))
            return watched.IsFull ? ErrorCatalogue.Unavailable.AsResult() : ErrorCatalogue.RateLimited.AsResult(TooMany);

        return new WatchResult(owner, KeyRange.Allowed(prefix, user), after ?? reach.Last);
    }

    // A client that resumes still has the address that it began with: what it says it has seen counts for more.
    private static bool TryReadPosition(HttpRequest request, out long? after)
    {
        after = null;
        var text = request.Headers["Last-Event-ID"] is [{ Length: > 0 } seen] ? seen : null;
        if (text is null && !RawTarget.Of(request).TryRead("after", MaxRevisionDigits, out text))
            return false;
        if (string.IsNullOrEmpty(text))
            return true;

        var isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision);
        after = revision;
        return isNumber;
    }
}
