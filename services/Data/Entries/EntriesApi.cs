using System.Security.Claims;
using KvAspire.Data.Idempotency;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;
using KvAspire.ServiceDefaults.Requests;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Data.Entries;

/// <summary>The endpoints of entries. Each belongs to the user of the token; another user's is not there.</summary>
internal static class EntriesApi
{
    // The value, and room for the key and what else stands around it.
    private const int MaxBodyBytes = EntryValue.MaxBytes + 64 * 1024;

    // Empty where the key is a parameter of the query.
    private const string AnyKey = "{**key}";

    /// <summary>Maps them.</summary>
    public static RouteGroupBuilder MapEntries(this IEndpointRouteBuilder routes)
    {
        var entries = routes.MapGroup(EntryAddress.Base);

        var reads = entries.MapGroup("").RequireAuthorization(Scopes.Read);
        reads.MapMethods(AnyKey, [HttpMethods.Get, HttpMethods.Head], ReadAsync).Describe(EntriesDescription.Read);

        var writes = entries.MapGroup("").RequireAuthorization(Scopes.Write).AddEndpointFilter<WriteFailures>();
        writes.MapPost("", CreateAsync).Describe(EntriesDescription.Create);
        writes.MapPut(AnyKey, UpdateAsync).Describe(EntriesDescription.Update);
        writes.MapDelete(AnyKey, DeleteAsync).Describe(EntriesDescription.Delete);

        return entries;
    }

    private static async Task<IResult> ReadAsync(
        HttpContext http, ClaimsPrincipal user, EntryStore store, CancellationToken cancellationToken)
    {
        if (!EntryAddress.TryReadKey(http.Request, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();
        if (!user.MayAccess(key))
            return ErrorCatalogue.KeyNotFound.AsResult();

        var isPastCache = http.Request.Headers.CacheControl.ToString().Contains("no-cache", StringComparison.OrdinalIgnoreCase);
        var read = await store.ReadAsync(new(user.Owner, key), isPastCache, cancellationToken);
        http.Response.Headers["Cache-Status"] = read.CacheStatus;
        return read.IsLive ? EntryResult.Of(read.Entry, Conditions.Of(http.Request)) : ErrorCatalogue.KeyNotFound.AsResult();
    }

    private static async Task<IResult> CreateAsync(
        HttpRequest request, ClaimsPrincipal user, EntryStore store, OnceRequests requests, TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (!EntryKey.TryRead(body.Root, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();
        if (EntryBody.Read(body.Root, time, out var content) is { } refused)
            return refused.AsResult();
        if (!user.MayAccess(key))
            return ErrorCatalogue.InsufficientScope.AsResult();
        if (!OnceRequests.TryRead(request, user.Owner, body.Root, out var once))
            return ErrorCatalogue.InvalidRequest.AsResult(OnceRequests.Bad);

        using var attempt = requests.Begin(once);
        var create = new Write(new(user.Owner, key), WriteKind.Create, content);
        return EntryWritten.Of(key, await store.WriteAsync(create, user.Actor, once));
    }

    private static async Task<IResult> UpdateAsync(
        HttpRequest request, ClaimsPrincipal user, EntryStore store, OnceRequests requests, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!EntryAddress.TryReadKey(request, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();
        if (!RawTarget.Of(request).TryReadFlag("upsert", out var upserts))
            return ErrorCatalogue.InvalidRequest.AsResult("Invalid request. The parameter upsert must be true or false.");

        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (EntryBody.Read(body.Root, time, out var content) is { } refused)
            return refused.AsResult();
        if (!user.MayAccess(key))
            return ErrorCatalogue.InsufficientScope.AsResult();
        if (!OnceRequests.TryRead(request, user.Owner, body.Root, out var once))
            return ErrorCatalogue.InvalidRequest.AsResult(OnceRequests.Bad);

        using var attempt = requests.Begin(once);
        var put = new Write(new(user.Owner, key), upserts ? WriteKind.Put : WriteKind.Update, content, Conditions.Of(request));
        return EntryWritten.Of(key, await store.WriteAsync(put, user.Actor, once));
    }

    private static async Task<IResult> DeleteAsync(HttpRequest request, ClaimsPrincipal user, EntryStore store, OnceRequests requests)
    {
        if (!EntryAddress.TryReadKey(request, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();
        if (!user.MayAccess(key))
            return ErrorCatalogue.InsufficientScope.AsResult();
        if (!OnceRequests.TryRead(request, user.Owner, body: null, out var once))
            return ErrorCatalogue.InvalidRequest.AsResult(OnceRequests.Bad);

        using var attempt = requests.Begin(once);
        var delete = new Write(new(user.Owner, key), WriteKind.Delete, default, Conditions.Of(request));
        return EntryWritten.Of(key, await store.WriteAsync(delete, user.Actor, once));
    }
}
