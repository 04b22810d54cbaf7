using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.ServiceDefaults.Tokens;

/// <summary>The check of access tokens that gateway and services share: RFC 9068 over RFC 8725's rules, errors by RFC 6750.</summary>
public static class AccessTokens
{
    // Ours are under 1 KiB; beyond this a header is an attack, not a token.
    private const int MaxTokenBytes = 8 * 1024;

    // A challenge has at least one parameter (RFC 6750, section 3).
    private const string Challenge = "Bearer realm=\"kvaspire\"";

    // Clocks of two machines are never quite the same.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    /// <summary>Adds authentication by bearer token, and one policy for each of <see cref="Scopes"/>.</summary>
    public static WebApplicationBuilder AddAccessTokens(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<AccessTokenOptions>()
            .BindConfiguration(AccessTokenOptions.Section).ValidateDataAnnotations()
            .Validate<IConfiguration>((_, configuration) => SigningKeySource.Addresses(configuration).Count > 0, SigningKeySource.NoAddress)
            .ValidateOnStart();
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        builder.Services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<IOptions<AccessTokenOptions>>((bearer, tokens) =>
            {
                bearer.ConfigurationManager = SigningKeySource.FromConfiguration(builder.Configuration);
                Configure(bearer, tokens.Value);
            });

        var policies = builder.Services.AddAuthorizationBuilder();
        foreach (var scope in Scopes.All)
            policies.AddPolicy(scope, policy => policy.RequireAuthenticatedUser().RequireAssertion(context => Grants(context, scope)));

        return builder;
    }

    private static void Configure(JwtBearerOptions bearer, AccessTokenOptions tokens)
    {
        bearer.MapInboundClaims = false;
        bearer.TokenHandlers.Clear();
        bearer.TokenHandlers.Add(new JsonWebTokenHandler { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxTokenBytes });
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = tokens.Issuer,
            ValidAudience = tokens.Audience,
            ValidTypes = ["at+jwt"],
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            ClockSkew = ClockSkew,
            NameClaimType = JwtRegisteredClaimNames.Sub,
        };
        bearer.Events = new JwtBearerEvents
        {
            OnMessageReceived = RequireSigningKeysAsync,
            OnTokenValidated = RequireSubjectAsync,
            OnChallenge = ChallengeAsync,
            OnForbidden = ForbidAsync,
        };
    }

    private static bool Grants(AuthorizationHandlerContext context, string scope) =>
        context.User.FindFirst("scope")?.Value.Split(' ').Contains(scope) is true;

    // Without keys nothing can be said of a token: that is our failure (503), not the token's (401).
    private static async Task RequireSigningKeysAsync(MessageReceivedContext context)
    {
        if (!NeedsToken(context.HttpContext))
        {
            context.NoResult();
            return;
        }

        try
        {
            await context.Options.ConfigurationManager!.GetConfigurationAsync(context.HttpContext.RequestAborted);
        }
        catch (InvalidOperationException exception)
        {
            context.HttpContext.Items[typeof(SigningKeySource)] = exception;
            context.NoResult();
        }
    }

    // RFC 9068, section 2.2: whose data it is must never be left open.
    private static Task RequireSubjectAsync(TokenValidatedContext context)
    {
        if (string.IsNullOrEmpty(context.Principal?.Identity?.Name))
            context.Fail("The token has no subject.");
        return Task.CompletedTask;
    }

    // The default scheme is tried on every request. What needs no token, health above all, must not wait for keys.
    private static bool NeedsToken(HttpContext context) =>
        context.GetEndpoint()?.Metadata is { } metadata
        && metadata.GetMetadata<IAuthorizeData>() is not null
        && metadata.GetMetadata<IAllowAnonymous>() is null
        && context.Request.Headers.Authorization.Count > 0;

    private static Task ChallengeAsync(JwtBearerChallengeContext context)
    {
        context.HandleResponse();
        if (context.HttpContext.Items.ContainsKey(typeof(SigningKeySource)))
            return ErrorCatalogue.Unavailable.AsResult().ExecuteAsync(context.HttpContext);

        // RFC 6750, section 3.1: a request that brought no token is told no error code.
        context.Response.Headers.WWWAuthenticate =
            context.AuthenticateFailure is null ? Challenge : $"{Challenge}, error=\"invalid_token\"";
        return ErrorCatalogue.InvalidToken.AsResult().ExecuteAsync(context.HttpContext);
    }

    private static Task ForbidAsync(ForbiddenContext context)
    {
        context.Response.Headers.WWWAuthenticate = $"{Challenge}, error=\"insufficient_scope\"{Scope(context.HttpContext)}";
        return ErrorCatalogue.InsufficientScope.AsResult().ExecuteAsync(context.HttpContext);
    }

    // A policy is named after the scope that it asks for.
    private static string Scope(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy is { } scope && Scopes.All.Contains(scope)
            ? $", scope=\"{scope}\""
            : "";
}
