using System.Security.Claims;
using System.Text.Json;
using KvAspire.Data.Changes.Log;
using KvAspire.Data.Entries;
using KvAspire.Data.Idempotency;
using KvAspire.Data.Listing;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.OpenApi;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Requests;
using KvAspire.TokenChecking;
using Microsoft.AspNetCore.Http.HttpResults;

namespace KvAspire.Data.Changes.History;

/// <summary>The endpoints of a key's history.</summary>
internal static class HistoryEndpoints
{
    private const int MaxBodyBytes = 64 * 1024;

    private const string BadRevision = "Invalid request. The revision must be a positive number.";
    private const string NoRevision = "The provided key had no value at the provided revision.";

    public static RouteGroupBuilder MapHistory(this IEndpointRouteBuilder routes)
    {
        var revisions = routes.MapGroup("/api/revisions");
        revisions.MapMethods("", [HttpMethods.Get, HttpMethods.Head], ReadAsync).RequireAuthorization(Scopes.Read)
            .Describe(HistoryDescription.Read);
        revisions.MapPost("/restore", RestoreAsync).RequireAuthorization(Scopes.Write)
            .AddEndpointFilter<WriteFailures>().AddEndpointFilter<NoConditions>().Describe(HistoryDescription.Restore);
        return revisions;
    }

    private static async Task<Results<HistoryResult, ErrorResult>> ReadAsync(
        HttpRequest request, ClaimsPrincipal caller, KeyHistory history, CancellationToken cancellationToken)
    {
        var target = RawTarget.Of(request);
        if (!target.TryRead("key", EntryKey.MaxBytes, out var key) || !EntryKey.IsValid(key))
            return ErrorCatalogue.InvalidKey.AsResult();
        if (!target.TryReadLimit(out var limit))
            return ErrorCatalogue.InvalidLimit.AsResult();

        var id = new EntryId(caller.Owner, key!);
        if (!HistoryResult.TryReadCursor(target, id, out var before))
            return ErrorCatalogue.InvalidCursor.AsResult();
        if (!KeyRange.Allowed("", caller).Contains(key!))
            return ErrorCatalogue.KeyNotFound.AsResult();

        // A key may exist although its whole history was compacted.
        var page = await history.ReadAsync(id, before, limit, cancellationToken);
        return page.Changes.Count > 0 || before < long.MaxValue || await history.ExistsAsync(id, cancellationToken)
            ? new HistoryResult(id, page)
            : ErrorCatalogue.KeyNotFound.AsResult();
    }

    private static async Task<IResult> RestoreAsync(
        HttpRequest request, ClaimsPrincipal caller, KeyHistory history, ChangeLog log, EntryStore store, IdempotentRequests requests,
        CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (!EntryKey.TryRead(body.Root, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();
        if (!TryReadRevision(body.Root, out var revision))
            return ErrorCatalogue.InvalidRequest.AsResult(BadRevision);
        if (!caller.MayAccess(key))
            return ErrorCatalogue.InsufficientScope.AsResult();
        if (!IdempotentRequests.TryRead(request, caller.Owner, body.Root, out var idempotency))
            return ErrorCatalogue.InvalidRequest.AsResult(IdempotentRequests.Bad);

        using var attempt = requests.Begin(idempotency);
        var id = new EntryId(caller.Owner, key);
        if (await history.FindAsync(id, revision, cancellationToken) is not { Change.Content: { Value: { } value } content })
        {
            return revision <= (await log.ReachAsync(id.Owner, cancellationToken)).Compacted
                ? ErrorCatalogue.RevisionCompacted.AsResult()
                : ErrorCatalogue.KeyNotFound.AsResult(NoRevision);
        }

        var put = new Write(id, WriteKind.Put, new(value, content.Metadata));
        return EntryWritten.OfRestored(await store.WriteAsync(put, caller.Actor, idempotency));
    }

    private static bool TryReadRevision(JsonElement body, out long revision)
    {
        revision = 0;
        return body.TryGetProperty("revision", out var member) && member.TryReadInteger(out revision) && revision > 0;
    }
}
