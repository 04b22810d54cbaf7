using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Requests;
using KvAspire.ServiceDefaults.Telemetry;
using KvAspire.TokenChecking;
using Microsoft.AspNetCore.Http.HttpResults;

namespace KvAspire.Data.Owners;

/// <summary>
/// The endpoints that the identity service calls to export or erase an account. They are on this service's own port only: the
/// gateway does not forward them. They demand the secret of the services and a token of the identity service.
/// </summary>
internal static class OwnerEndpoints
{
    private const string Template = "/internal/owners/{sub}";

    public static RouteGroupBuilder MapExportAndErasure(this IEndpointRouteBuilder routes)
    {
        var owners = routes.MapGroup(Template).RequireAuthorization(Scopes.Internal).WithRouteName(Template); // not with the group's "/" at its end
        owners.MapGet("", (string sub) => new OwnerExport(UuidText.ReadSubject(sub)));
        owners.MapDelete("", EraseAsync);
        return owners;
    }

    // Ignores client disconnects, so that an erasure always finishes. Identity repeats one that the cache did not confirm.
    private static async Task<Results<Ok<SuccessEnvelope<object>>, ErrorResult>> EraseAsync(string sub, OwnerErasure erasure) =>
        await erasure.RunAsync(UuidText.ReadSubject(sub), CancellationToken.None)
            ? TypedResults.Ok(Success.Of("Everything of this owner is erased."))
            : ErrorCatalogue.Unavailable.AsResult("Redis does not answer. Please repeat the erasure.", reason: "Redis does not answer");
}
