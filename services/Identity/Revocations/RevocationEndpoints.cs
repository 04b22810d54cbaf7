using System.Globalization;
using KvAspire.Identity.SigningKeys;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.AspNetCore.Http.HttpResults;

namespace KvAspire.Identity.Revocations;

/// <summary>What the other services ask every second. The gateway does not forward it.</summary>
internal static class RevocationEndpoints
{
    public static IEndpointRouteBuilder MapRevocations(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/internal/revocations", ReadAsync).AllowAnonymous();
        return routes;
    }

    private static async Task<Ok<RevocationPage>> ReadAsync(
        HttpResponse response, RevocationStore store, SigningKeyRing keys, string? after, CancellationToken cancellationToken)
    {
        // A cursor that is none is answered with everything, as a new reader is.
        var from = long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var cursor) ? cursor : 0;
        var (next, revocations) = await store.ReadAsync(from, cancellationToken);

        response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new RevocationPage(next.ToString(CultureInfo.InvariantCulture), keys.Version, revocations));
    }
}
