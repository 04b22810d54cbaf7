using System.Security.Claims;
using System.Text.Json;
using KvAspire.Data.Entries;
using KvAspire.Data.Idempotency;
using KvAspire.Data.Listing;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;
using KvAspire.ServiceDefaults.Requests;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.AspNetCore.Http.HttpResults;

namespace KvAspire.Data.Revisions;

/// <summary>The endpoints of a key's history.</summary>
internal static class RevisionsApi
{
    private const int MaxBodyBytes = 64 * 1024;

    private const string BadRevision = "Invalid request. The revision must be a positive number.";
    private const string NoRevision = "The provided key had no value at the provided revision.";

    /// <summary>Maps them.</summary>
    public static RouteGroupBuilder MapRevisions(this IEndpointRouteBuilder routes)
    {
        var revisions = routes.MapGroup("/api/revisions");
        revisions.MapMethods("", [HttpMethods.Get, HttpMethods.Head], ReadAsync).RequireAuthorization(Scopes.Read)
            .Describe(RevisionsDescription.Read);
        revisions.MapPost("/restore", RestoreAsync).RequireAuthorization(Scopes.Write).AddEndpointFilter<WriteFailures>()
            .Describe(RevisionsDescription.Restore);
        return revisions;
    }

    private static async Task<Results<HistoryResult, ErrorResult>> ReadAsync(
        HttpRequest request, ClaimsPrincipal user, KeyHistory history, CancellationToken cancellationToken)
    {
        var target = RawTarget.Of(request);
        if (!target.TryRead("key", EntryKey.MaxBytes, out var key) || !EntryKey.IsValid(key))
            return ErrorCatalogue.InvalidKey.AsResult();
        if (!PageLimit.TryRead(target, out var limit))
            return ErrorCatalogue.InvalidLimit.AsResult();

        var id = new EntryId(user.Identity!.Name!, key!);
        if (!HistoryResult.TryReadCursor(target, id, out var before))
            return ErrorCatalogue.InvalidCursor.AsResult();
        if (!KeyRange.Allowed("", user).Contains(key!))
            return ErrorCatalogue.KeyNotFound.AsResult();

        // A key that exists may be older than what is kept of its history.
        var page = await history.ReadAsync(id, before, limit, cancellationToken);
        return page.Changes.Count > 0 || before < long.MaxValue || await history.ExistsAsync(id, cancellationToken)
            ? new HistoryResult(id, page)
            : ErrorCatalogue.KeyNotFound.AsResult();
    }

    private static async Task<IResult> RestoreAsync(
        HttpRequest request, ClaimsPrincipal user, KeyHistory history, ChangeLog log, EntryStore store, OnceRequests requests, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (!EntryKey.TryRead(body.Root, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();
        if (!TryReadRevision(body.Root, out var revision))
            return ErrorCatalogue.InvalidRequest.AsResult(BadRevision);
        if (!user.MayAccess(key))
            return ErrorCatalogue.InsufficientScope.AsResult();
        if (!OnceRequests.TryRead(request, user.Owner, body.Root, out var once))
            return ErrorCatalogue.InvalidRequest.AsResult(OnceRequests.Bad);

        using var attempt = requests.Begin(once);
        var id = new EntryId(user.Owner, key);
        if (await history.FindAsync(id, revision, cancellationToken) is not { Change: { Value: { } value } change })
        {
            return revision <= (await log.ReachAsync(id.Owner, cancellationToken)).Compacted
                ? ErrorCatalogue.RevisionCompacted.AsResult()
                : ErrorCatalogue.KeyNotFound.AsResult(NoRevision);
        }

        var put = new Write(id, WriteKind.Put, new(value, change.Metadata));
        return EntryWritten.OfRestored(await store.WriteAsync(put, user.Actor, once));
    }

    private static bool TryReadRevision(JsonElement body, out long revision)
    {
        revision = 0;
        return body.TryGetProperty("revision", out var member)
            && member.ValueKind is JsonValueKind.Number
            && member.TryGetInt64(out revision)
            && revision > 0;
    }
}
