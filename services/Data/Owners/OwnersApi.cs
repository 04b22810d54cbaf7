using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.AspNetCore.Http.HttpResults;

namespace KvAspire.Data.Owners;

/// <summary>
/// What the identity service asks when an account is exported or erased. On this service's own port only: the gateway
/// forwards none of it.
/// </summary>
internal static class OwnersApi
{
    /// <summary>Maps it.</summary>
    public static RouteGroupBuilder MapOwners(this IEndpointRouteBuilder routes)
    {
        var owners = routes.MapGroup("/internal/owners/{sub}").RequireAuthorization(Scopes.Internal);
        owners.MapGet("", (string sub) => new OwnerExport(sub));
        owners.MapDelete("", EraseAsync);
        return owners;
    }

    private static async Task<Ok<SuccessEnvelope<object>>> EraseAsync(string sub, OwnerErasure erasure)
    {
        // Not cancellable: half erased is worse than erased for nobody who waits.
        await erasure.RunAsync(sub, CancellationToken.None);
        return TypedResults.Ok(Success.Of("Everything of this owner is erased."));
    }
}
