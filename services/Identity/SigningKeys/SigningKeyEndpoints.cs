using KvAspire.ServiceDefaults.Services;

namespace KvAspire.Identity.SigningKeys;

/// <summary>The endpoints that list and rotate the signing keys.</summary>
internal static class SigningKeyEndpoints
{
    /// <summary>The actor in the audit log for rotations by the operator, who is no user.</summary>
    private const string Operator = "operator";

    public static IEndpointRouteBuilder MapSigningKeys(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/api/admin/signing-keys").RequireAuthorization(Scopes.Admin);
        admin.MapGet("", List).Describe(SigningKeysDescription.List);
        admin.MapPost("rotate", RotateAsAdministratorAsync).Describe(SigningKeysDescription.Rotate);

        // For the dashboard's command, at the service's own port, with the operator's secret beside the one of the services.
        routes.MapPost("/internal/signing-keys/rotate", RotateAsOperatorAsync).AllowAnonymous();
        return routes;
    }

    private static Ok<SuccessEnvelope<SigningKeyList>> List(SigningKeyRing ring, TimeProvider clock)
    {
        var (now, signer) = (clock.GetUtcNow(), ring.Credentials.Key.KeyId);
        return TypedResults.Ok(Success.Of(null, new SigningKeyList([.. ring.Stamps.Select(key => new SigningKeyInfo(
            key.Id,
            key.Id == signer ? "signing" : key.SignsFrom > now ? "announced" : "retired",
            key.SignsFrom,
            key.PublishedUntil))])));
    }

    private static async Task<Ok<SuccessEnvelope<SigningKeyInfo>>> RotateAsAdministratorAsync(
        HttpContext http, SigningKeyStore store, CancellationToken cancellationToken) =>
        await RotateAsync(http.User.Token.Subject, store, cancellationToken);

    private static async Task<Results<Ok<SuccessEnvelope<SigningKeyInfo>>, ErrorResult>> RotateAsOperatorAsync(
        HttpRequest request, OperatorSecret secret, SigningKeyStore store, CancellationToken cancellationToken) =>
        secret.IsIn(request)
            ? await RotateAsync(Operator, store, cancellationToken)
            : ErrorCatalogue.InvalidToken.AsResult();

    private static async Task<Ok<SuccessEnvelope<SigningKeyInfo>>> RotateAsync(
        string actor, SigningKeyStore store, CancellationToken cancellationToken)
    {
        var next = await store.RotateAsync(actor, cancellationToken);
        await store.LoadAsync(cancellationToken);
        return TypedResults.Ok(Success.Of(
            "The next signing key is announced.", new SigningKeyInfo(next.Id, "announced", next.SignsFrom, next.PublishedUntil)));
    }
}

/// <summary>A signing key, without its private part.</summary>
/// <param name="KeyId">The header <c>kid</c> of its tokens.</param>
/// <param name="State"><c>announced</c>, <c>signing</c> or <c>retired</c>.</param>
/// <param name="SignsFrom">The time from which the key signs.</param>
/// <param name="PublishedUntil">The time until which its tokens are accepted; null without a successor.</param>
public sealed record SigningKeyInfo(string KeyId, string State, DateTimeOffset SignsFrom, DateTimeOffset? PublishedUntil);

/// <summary>The signing keys, oldest first.</summary>
/// <param name="Items">The published keys.</param>
public sealed record SigningKeyList(IReadOnlyList<SigningKeyInfo> Items);
