using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.TokenChecking;
using Microsoft.AspNetCore.Http.HttpResults;

namespace KvAspire.Data.Owners;

/// <summary>
/// The endpoints that the identity service calls to export or erase an account. They are on this service's own port only: the
/// gateway does not forward them.
/// </summary>
internal static class OwnerEndpoints
{
    public static RouteGroupBuilder MapExportAndErasure(this IEndpointRouteBuilder routes)
    {
        var owners = routes.MapGroup("/internal/owners/{sub}").RequireAuthorization(Scopes.Internal);
        owners.MapGet("", (string sub) => new OwnerExport(sub));
        owners.MapDelete("", EraseAsync);
        return owners;
    }

    private static async Task<Ok<SuccessEnvelope<object>>> EraseAsync(string sub, OwnerErasure erasure)
    {
        // Ignores client disconnects, so that an erasure always finishes.
        await erasure.RunAsync(sub, CancellationToken.None);
        return TypedResults.Ok(Success.Of("Everything of this owner is erased."));
    }
}
