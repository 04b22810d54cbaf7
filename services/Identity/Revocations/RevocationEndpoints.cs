using KvAspire.Identity.SigningKeys;
using KvAspire.ServiceDefaults.Telemetry;

namespace KvAspire.Identity.Revocations;

/// <summary>
/// The endpoint that the other services poll every second, with the secret of the services. The gateway does not forward it.
/// </summary>
internal static class RevocationEndpoints
{
    // About 200 KB.
    private const int PageSize = 2_000;

    public static IEndpointRouteBuilder MapRevocations(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/internal/revocations", ReadAsync).AllowAnonymous().WithoutTraces();
        return routes;
    }

    private static async Task<Ok<RevocationPage>> ReadAsync(
        RevocationStore store, SigningKeyRing keys, string? after, CancellationToken cancellationToken)
    {
        var (next, more, revocations) = await store.ReadAsync(RevocationCursor.Parse(after), PageSize, cancellationToken);
        return TypedResults.Ok(new RevocationPage(next.ToString(), keys.Version, revocations, more));
    }
}
