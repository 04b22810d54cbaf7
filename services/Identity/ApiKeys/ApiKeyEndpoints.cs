using KvAspire.Identity.Accounts;
using KvAspire.Identity.Requests;
using KvAspire.Identity.Tokens;
using Microsoft.AspNetCore.Authentication;

namespace KvAspire.Identity.ApiKeys;

/// <summary>The endpoints of a user's API keys, and of their exchange for access tokens.</summary>
internal static class ApiKeyEndpoints
{
    private const int MaxBodyBytes = 16 * 1024;

    public static IEndpointRouteBuilder MapApiKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/api/keys").RequireAuthorization(Scopes.Account);
        keys.MapGet("", ListAsync).Describe(ApiKeysDescription.List);
        keys.MapPost("", CreateAsync).Describe(ApiKeysDescription.Create);
        keys.MapDelete("{id}", RevokeAsync).Describe(ApiKeysDescription.Revoke);

        // The gateway exchanges the keys that clients present.
        routes.MapPost("/internal/api-keys/exchange", ExchangeAsync).AllowAnonymous();
        return routes;
    }

    private static async Task<Ok<SuccessEnvelope<ApiKeyList>>> ListAsync(HttpContext http, ApiKeyStore keys, CancellationToken cancellationToken)
    {
        var stored = await keys.ListAsync(http.User.Token.Subject, cancellationToken);
        return TypedResults.Ok(Success.Of(null, new ApiKeyList([.. stored.Select(key => ApiKeyInfo.Of(key))])));
    }

    private static async Task<Results<Created<SuccessEnvelope<ApiKeyInfo>>, ErrorResult, ForbidHttpResult>> CreateAsync(
        HttpContext http, ApiKeyStore keys, AccountStore accounts, RecentProof proof, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (ApiKeyRequest.Read(body.Root, clock.GetUtcNow(), out var errors) is not { } request)
            return ErrorCatalogue.InvalidApiKey.AsResult(errors: errors);

        // A session may hold fewer scopes than its user. The key outlives the session, and must not grant more than it.
        var token = http.User.Token;
        if (!GrantedScopes.Parse(request.Scope).All(token.Grants))
            return TypedResults.Forbid(new AuthenticationProperties { Parameters = { [AccessTokens.NeededScope] = request.Scope } });

        if (await accounts.FindAsync(token.Subject, cancellationToken) is not { } user)
            return ErrorCatalogue.InvalidToken.AsResult();
        if (await proof.CheckAsync(token, user, body.Root, "current_password", cancellationToken) is { } unproven)
            return unproven;

        var made = await keys.CreateAsync(user, request, cancellationToken);
        if (made.Stored is not { } stored)
            return made.Refusal!.AsResult();

        return TypedResults.Created((string?)null, Success.Of("API key created successfully.", ApiKeyInfo.Of(stored, made.Key)));
    }

    private static async Task<Results<Ok<SuccessEnvelope<object>>, ErrorResult>> RevokeAsync(
        string id, HttpContext http, ApiKeyStore keys, CancellationToken cancellationToken)
    {
        var user = http.User.Token.Subject;
        if (UuidText.Read(id) is not { } key || !await keys.RevokeAsync(user, key, cancellationToken))
            return ErrorCatalogue.NotFound.AsResult();

        return TypedResults.Ok(Success.Of("API key revoked successfully."));
    }

    private static async Task<Results<Ok<IssuedToken>, ErrorResult>> ExchangeAsync(
        HttpRequest request, ApiKeyStore keys, IssuanceMetrics metrics, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (await keys.ExchangeAsync(JsonField.Of(body.Root, "api_key").Text, cancellationToken) is not { } token)
            return metrics.Refuse(IssuanceMetrics.ApiKey, IssuanceMetrics.InvalidCredentials, ErrorCatalogue.InvalidToken.AsResult());

        metrics.Issue(IssuanceMetrics.ApiKey);
        return TypedResults.Ok(token);
    }
}

/// <summary>An API key as its user sees it.</summary>
/// <param name="Id">The id of the key.</param>
/// <param name="Name">The user's name for the key.</param>
/// <param name="Prefix">The first characters of the key.</param>
/// <param name="Key">The key itself, only in the answer that creates it.</param>
/// <param name="Scopes">The granted scopes.</param>
/// <param name="KeyPrefix">The prefix that the keys of entries must have.</param>
/// <param name="CreatedAt">The time of creation.</param>
/// <param name="ExpiresAt">The time of expiry.</param>
/// <param name="LastUsedAt">The time of the last use, to within minutes.</param>
public sealed record ApiKeyInfo(
    [property: Uuid] string Id, string Name, string Prefix, string? Key, IReadOnlyList<string> Scopes, string? KeyPrefix,
    DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt)
{
    internal static ApiKeyInfo Of(ApiKey stored, string? key = null) => new(
        stored.Id, stored.Name, stored.Prefix, key, GrantedScopes.Parse(stored.Scope), stored.KeyPrefix, stored.CreatedAt, stored.ExpiresAt,
        stored.LastUsedAt);
}

/// <summary>The API keys of a user, newest first.</summary>
/// <param name="Items">The keys that are not revoked.</param>
public sealed record ApiKeyList(IReadOnlyList<ApiKeyInfo> Items);
