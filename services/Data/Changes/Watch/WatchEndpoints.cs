using System.Globalization;
using System.Security.Claims;
using KvAspire.Data.Changes.Log;
using KvAspire.Data.Listing;
using KvAspire.Data.Requests;
using KvAspire.OpenApi;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.TokenChecking;

namespace KvAspire.Data.Changes.Watch;

/// <summary>The endpoint that streams changes.</summary>
internal static class WatchEndpoints
{
    private const int MaxRevisionDigits = 19;

    private const string TooMany = "Too many watches are open. Please close one, or try again later.";

    public static IEndpointConventionBuilder MapWatch(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/watch", WatchAsync).RequireAuthorization(Scopes.Read).Describe(WatchDescription.Watch);

    private static async Task<IResult> WatchAsync(
        HttpRequest request, ClaimsPrincipal caller, WatchedOwners watched, ChangeLog log, CancellationToken cancellationToken)
    {
        if (!ListQuery.TryReadPrefix(RawTarget.Of(request), out var prefix))
            return ErrorCatalogue.InvalidKey.AsResult(ListQuery.BadPrefix);
        if (!TryReadPosition(request, out var after))
            return ErrorCatalogue.InvalidCursor.AsResult();

        var name = caller.Owner;
        var reach = await log.ReachAsync(name, cancellationToken);
        if (after > reach.Last)
            return ErrorCatalogue.InvalidCursor.AsResult(); // invented, or from a log that was lost
        if (after < reach.Compacted)
            return ErrorCatalogue.RevisionCompacted.AsResult();
        if (!watched.TryEnter(name, out var owner))
            return watched.IsFull ? ErrorCatalogue.Unavailable.AsResult(reason: "too many watches are open") : ErrorCatalogue.RateLimited.AsResult(TooMany, reason: "the user has too many watches");

        return new WatchResult(owner, KeyRange.Allowed(prefix, caller), after ?? reach.Last);
    }

    // A client that reconnects keeps its URL, so the last id that it has seen wins over the parameter.
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
