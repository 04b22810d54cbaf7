using System.Security.Claims;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Requests;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.AspNetCore.Http.HttpResults;

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
        reads.MapMethods(AnyKey, [HttpMethods.Get, HttpMethods.Head], ReadAsync);

        var writes = entries.MapGroup("").RequireAuthorization(Scopes.Write);
        writes.MapPost("", CreateAsync);
        writes.MapPut(AnyKey, UpdateAsync);
        writes.MapDelete(AnyKey, DeleteAsync);

        return entries;
    }

    private static async Task<Results<EntryResult, ErrorResult>> ReadAsync(
        HttpContext http, ClaimsPrincipal user, EntryStore store, CancellationToken cancellationToken)
    {
        if (!EntryAddress.TryReadKey(http.Request, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();

        var read = await store.ReadAsync(new(user.Owner, key), cancellationToken);
        http.Response.Headers["Cache-Status"] = read.CacheStatus;
        return read.Entry.IsLive ? new EntryResult(read.Entry) : ErrorCatalogue.KeyNotFound.AsResult();
    }

    private static async Task<Results<Created<SuccessEnvelope<object>>, ErrorResult>> CreateAsync(
        HttpContext http, ClaimsPrincipal user, EntryStore store, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (!EntryKey.TryRead(body.Root, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();
        if (EntryValue.Read(body.Root, out var value) is { } refused)
            return refused.AsResult();
        if (await store.CreateAsync(new(user.Owner, key), value) is not { } revision)
            return ErrorCatalogue.KeyExists.AsResult();

        http.Response.Headers.ETag = EntryResult.ETag(revision);
        return TypedResults.Created(EntryAddress.Of(key), Success.Of("Data stored successfully."));
    }

    private static async Task<Results<Ok<SuccessEnvelope<object>>, ErrorResult>> UpdateAsync(
        HttpContext http, ClaimsPrincipal user, EntryStore store, CancellationToken cancellationToken)
    {
        if (!EntryAddress.TryReadKey(http.Request, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();

        using var body = await JsonBody.ReadAsync(http.Request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (EntryValue.Read(body.Root, out var value) is { } refused)
            return refused.AsResult();
        if (await store.UpdateAsync(new(user.Owner, key), value) is not { } revision)
            return ErrorCatalogue.KeyNotFound.AsResult();

        http.Response.Headers.ETag = EntryResult.ETag(revision);
        return TypedResults.Ok(Success.Of("Data updated successfully."));
    }

    private static async Task<Results<Ok<SuccessEnvelope<object>>, ErrorResult>> DeleteAsync(
        HttpRequest request, ClaimsPrincipal user, EntryStore store)
    {
        if (!EntryAddress.TryReadKey(request, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();

        return await store.DeleteAsync(new(user.Owner, key)) is null
            ? ErrorCatalogue.KeyNotFound.AsResult()
            : TypedResults.Ok(Success.Of("Data deleted successfully."));
    }

    extension(ClaimsPrincipal user)
    {
        // The check of tokens refuses one without a subject.
        private string Owner => user.Identity!.Name!;
    }
}
