using System.Security.Claims;
using KvAspire.Data.Listing;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.OpenApi;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.TokenChecking;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace KvAspire.Data.Owners;

/// <summary>How much of a quota an owner uses.</summary>
/// <param name="Used">The amount that is stored.</param>
/// <param name="Allowed">The quota; left out if there is none.</param>
public sealed record Share(long Used, long? Allowed);

/// <summary>The usage of an owner.</summary>
/// <param name="Keys">Keys, including expired ones that are not removed yet.</param>
/// <param name="Bytes">Bytes of keys, values and metadata.</param>
/// <param name="CountComplete">For a token with a prefix: false if the prefix has more rows than are counted, those of deleted keys included.</param>
public sealed record OwnerUsage(Share Keys, Share Bytes, bool? CountComplete);

/// <summary>The endpoint that returns the usage of the caller.</summary>
internal static class UsageEndpoints
{
    public static IEndpointConventionBuilder MapUsage(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/api/usage", [HttpMethods.Get, HttpMethods.Head], ReadAsync).RequireAuthorization(Scopes.Read)
            .Describe(UsageDescription.Read);

    private static async Task<Ok<SuccessEnvelope<OwnerUsage>>> ReadAsync(
        HttpContext http, ClaimsPrincipal caller, UsageTable table, IOptions<QuotaOptions> quota,
        CancellationToken cancellationToken)
    {
        var used = caller.Token.KeyPrefix is { } prefix
            ? await table.ReadAsync(caller.Owner, KeyRange.WithPrefix(prefix), cancellationToken)
            : await table.ReadAsync(caller.Owner, cancellationToken);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(Success.Of(
            null, new OwnerUsage(new(used.Keys, quota.Value.Keys), new(used.Bytes, quota.Value.Bytes), used.IsComplete)));
    }
}
