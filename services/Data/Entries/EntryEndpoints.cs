using System.Security.Claims;
using System.Text.Json;
using KvAspire.Data.Idempotency;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.OpenApi;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Requests;
using KvAspire.TokenChecking;

namespace KvAspire.Data.Entries;

/// <summary>The endpoints of entries. An owner sees only their own entries.</summary>
internal static class EntryEndpoints
{
    // As much as the gateway lets through by default. A value of more than 1 MiB is VALUE_TOO_LARGE up to here, and a body beyond
    // it is PAYLOAD_TOO_LARGE.
    private const int MaxBodyBytes = 2 * 1024 * 1024;

    // Empty if the key is a query parameter.
    private const string AnyKey = "{**key}";

    public static RouteGroupBuilder MapEntries(this IEndpointRouteBuilder routes)
    {
        var entries = routes.MapGroup(EntryAddress.Base);

        var reads = entries.MapGroup("").RequireAuthorization(Scopes.Read);
        reads.MapMethods(AnyKey, [HttpMethods.Get, HttpMethods.Head], ReadAsync).Describe(EntriesDescription.Read);

        var writes = entries.MapGroup("").RequireAuthorization(Scopes.Write).AddEndpointFilter<WriteFailures>();
        writes.MapPost("", CreateAsync).AddEndpointFilter<NoConditions>().Describe(EntriesDescription.Create);
        writes.MapPut(AnyKey, UpdateAsync).Describe(EntriesDescription.Update);
        writes.MapDelete(AnyKey, DeleteAsync).Describe(EntriesDescription.Delete);

        return entries;
    }

    private static async Task<IResult> ReadAsync(
        HttpContext http, ClaimsPrincipal caller, EntryStore store, CancellationToken cancellationToken)
    {
        if (!EntryAddress.TryReadKey(http.Request, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();
        if (!caller.MayAccess(key))
            return ErrorCatalogue.KeyNotFound.AsResult();

        var isPastCache = http.Request.Headers.CacheControl.ToString().Contains("no-cache", StringComparison.OrdinalIgnoreCase);
        var read = await store.ReadAsync(new(caller.Owner, key), isPastCache, cancellationToken);
        http.Response.Headers["Cache-Status"] = read.CacheStatus;
        return read.IsLive ? EntryResult.Of(read.Entry, Conditions.Of(http.Request)) : ErrorCatalogue.KeyNotFound.AsResult();
    }

    private static async Task<IResult> CreateAsync(
        HttpRequest request, ClaimsPrincipal caller, EntryStore store, IdempotentRequests requests, TimeProvider time,
        CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (!EntryKey.TryRead(body.Root, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();
        if (EntryBody.Read(body.Root, time, out var content) is { } refused)
            return refused.AsResult();

        return await WriteAsync(request, caller, store, requests, body.Root, new(new(caller.Owner, key), WriteKind.Create, content));
    }

    private static async Task<IResult> UpdateAsync(
        HttpRequest request, ClaimsPrincipal caller, EntryStore store, IdempotentRequests requests, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (!EntryAddress.TryReadKey(request, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();
        if (!RawTarget.Of(request).TryReadFlag("upsert", out var upserts))
            return ErrorCatalogue.InvalidRequest.AsResult("Invalid request. The parameter upsert must be true or false.");
        if (Conditions.Read(request, out var conditions) is { } malformed)
            return malformed;

        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (EntryBody.Read(body.Root, time, out var content) is { } refused)
            return refused.AsResult();

        var kind = upserts ? WriteKind.Put : WriteKind.Update;
        return await WriteAsync(request, caller, store, requests, body.Root, new(new(caller.Owner, key), kind, content, conditions));
    }

    private static async Task<IResult> DeleteAsync(HttpRequest request, ClaimsPrincipal caller, EntryStore store, IdempotentRequests requests)
    {
        if (!EntryAddress.TryReadKey(request, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();

        if (Conditions.Read(request, out var conditions) is { } malformed)
            return malformed;

        var delete = new Write(new(caller.Owner, key), WriteKind.Delete, Conditions: conditions);
        return await WriteAsync(request, caller, store, requests, body: null, delete);
    }

    private static async Task<IResult> WriteAsync(
        HttpRequest request, ClaimsPrincipal caller, EntryStore store, IdempotentRequests requests, JsonElement? body, Write write)
    {
        if (!caller.MayAccess(write.Id.Key))
            return ErrorCatalogue.InsufficientScope.AsResult();
        if (!IdempotentRequests.TryRead(request, caller.Owner, body, out var idempotency))
            return ErrorCatalogue.InvalidRequest.AsResult(IdempotentRequests.Bad);

        using var attempt = requests.Begin(idempotency);
        return EntryWritten.Of(write.Id.Key, await store.WriteAsync(write, caller.Actor, idempotency));
    }
}
