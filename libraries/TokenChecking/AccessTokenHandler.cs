using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace KvAspire.TokenChecking;

/// <summary>
/// Authentication by bearer token (RFC 6750): checks a token in full. <see cref="AccessTokenPipeline"/> lets tokens that were
/// checked before pass without it.
/// </summary>
internal sealed class AccessTokenHandler(CheckedTokens tokens, TokenMetrics metrics) : IAuthenticationHandler
{
    private static readonly Task<AuthenticateResult> NoToken = Task.FromResult(AuthenticateResult.NoResult());
    private static readonly Task<AuthenticateResult> Invalid = Task.FromResult(AuthenticateResult.Fail("the token is not valid"));

    private HttpContext context = null!;
    private Task<AuthenticateResult>? outcome;
    private bool hasNoKeys;
    private string refusal = "missing";

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        this.context = context;
        return Task.CompletedTask;
    }

    public Task<AuthenticateResult> AuthenticateAsync() => outcome ??= FindOutcome();

    public async Task ChallengeAsync(AuthenticationProperties? properties)
    {
        var result = await AuthenticateAsync();
        if (hasNoKeys)
        {
            await ErrorCatalogue.Unavailable.AsResult(reason: "no signing keys are known").ExecuteAsync(context);
            return;
        }

        context.Response.Headers.WWWAuthenticate = result.Failure is null ? BearerChallenge.NoToken : BearerChallenge.InvalidToken;
        await ErrorCatalogue.InvalidToken.AsResult(reason: result.Failure is null ? "no token" : $"the token is not valid: {refusal}").ExecuteAsync(context);
        RequestSpan.Happened("kvaspire.token.refused", "kvaspire.reason", refusal); // now that the request is kept
    }

    public Task ForbidAsync(AuthenticationProperties? properties)
    {
        if (context.User.Identity is AccessTokenIdentity token && token.Grants(Scopes.PasswordChange))
            return ErrorCatalogue.PasswordChangeRequired.AsResult().ExecuteAsync(context);

        context.Response.Headers.WWWAuthenticate = BearerChallenge.InsufficientScope + Scope(properties);
        return ErrorCatalogue.InsufficientScope.AsResult().ExecuteAsync(context);
    }

    private Task<AuthenticateResult> FindOutcome()
    {
        if (!AccessTokens.AreAskedFor(context) || AccessTokens.Read(context.Request).Span is not { IsEmpty: false } token)
            return NoToken;

        return CheckAsync(token.ToString());
    }

    private async Task<AuthenticateResult> CheckAsync(string token)
    {
        try
        {
            var (identity, reason) = await tokens.JudgeAsync(token, context.RequestAborted);
            if (identity is not null)
                return AuthenticateResult.Success(new(new(identity), AccessTokens.Scheme));

            metrics.Refuse(reason!.Value);
            refusal = TokenMetrics.NameOf(reason.Value);
            return await Invalid;
        }
        catch (TokenKeysUnavailableException)
        {
            hasNoKeys = true;
            return await NoToken;
        }
    }

    // All scopes that the request needs (RFC 6750, section 3).
    private string Scope(AuthenticationProperties? properties)
    {
        var needed = properties?.GetParameter<string>(AccessTokens.NeededScope) ?? string.Join(' ', Needed());
        return needed.Length > 0 ? $", scope=\"{needed}\"" : "";
    }

    private IEnumerable<string> Needed() =>
        context.GetEndpoint()?.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(required => Scopes.Named(required.Policy)).OfType<string>() ?? [];
}
