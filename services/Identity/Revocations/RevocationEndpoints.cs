using KvAspire.Identity.SigningKeys;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.AspNetCore.Http.HttpResults;

namespace KvAspire.Identity.Revocations;

/// <summary>What the other services ask every second. The gateway does not forward it.</summary>
internal static class RevocationEndpoints
{
    // About 200 KB.
    private const int PageSize = 2_000;

    public static IEndpointRouteBuilder MapRevocations(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/internal/revocations", ReadAsync).AllowAnonymous();
        return routes;
    }

    private static async Task<Ok<RevocationPage>> ReadAsync(
        HttpResponse response, RevocationStore store, SigningKeyRing keys, string? after, CancellationToken cancellationToken)
    {
        var (next, more, revocations) = await store.ReadAsync(RevocationCursor.Parse(after), PageSize, cancellationToken);

        response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new RevocationPage(next.ToString(), keys.Version, revocations, more));
    }
}
