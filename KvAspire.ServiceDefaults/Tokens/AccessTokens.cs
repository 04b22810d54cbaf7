using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace KvAspire.ServiceDefaults.Tokens;

/// <summary>The check of access tokens that gateway and services share: RFC 9068 over RFC 8725's rules, errors by RFC 6750.</summary>
public static class AccessTokens
{
    /// <summary>The name of the authentication scheme.</summary>
    public const string Scheme = "Bearer";

    private const string Prefix = Scheme + " ";

    /// <summary>
    /// Adds authentication by bearer token with the keys that Identity publishes, the feed of what was revoked, and the
    /// policies of <see cref="AddAccessTokenChecks"/>.
    /// </summary>
    public static WebApplicationBuilder AddAccessTokens(this WebApplicationBuilder builder)
    {
        builder.Services.AddAccessTokenChecks();
        builder.Services.AddOptions<AccessTokenOptions>()
            .ValidateDataAnnotations()
            .Validate<IdentityAddresses>((_, identity) => identity.All.Count > 0, IdentityAddresses.None)
            .ValidateOnStart();
        builder.Services
            .AddSingleton<IdentityAddresses>()
            .AddSingleton<ITokenKeySource, PublishedKeys>()
            .AddHostedService<RevocationFeed>();
        return builder;
    }

    /// <summary>
    /// Adds authentication by bearer token with the keys of a registered <see cref="ITokenKeySource"/>, one policy for each
    /// of <see cref="Scopes"/>, <see cref="Scopes.ReadOrWrite"/>, and <see cref="Scopes.AccountPolicy"/>.
    /// </summary>
    public static IServiceCollection AddAccessTokenChecks(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<AccessTokenOptions>().BindConfiguration(AccessTokenOptions.Section);
        services.AddSingleton<RevocationList>().AddSingleton<TokenValidator>().AddSingleton<CheckedTokens>().AddTransient<AccessTokenHandler>();
        services.AddAuthentication(authentication =>
        {
            authentication.DefaultScheme = Scheme;
            authentication.AddScheme<AccessTokenHandler>(Scheme, displayName: null);
        });

        var policies = services.AddAuthorizationBuilder();
        foreach (var scope in Scopes.All)
            Add(scope, token => token.Grants(scope));
        Add(Scopes.ReadOrWrite, token => token.Grants(Scopes.Read) || token.Grants(Scopes.Write));
        Add(Scopes.AccountPolicy, token => token.IsOfSession);
        return services;

        void Add(string name, Func<AccessTokenIdentity, bool> isEnough) => policies.AddPolicy(name, policy => policy
            .RequireAuthenticatedUser()
            .RequireAssertion(context => context.User.Identity is AccessTokenIdentity token && isEnough(token)));
    }

    /// <summary>The token that a request brings (RFC 6750, section 2.1): a part of its header. Empty where there is none.</summary>
    public static ReadOnlyMemory<char> Read(HttpRequest request)
    {
        string? header = request.Headers.Authorization;
        return header is not null && header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? header.AsMemory(Prefix.Length).Trim() : default;
    }

    /// <summary>
    /// Whether the endpoint of a request asks for a token, and there is one to look at. What needs no token, health above
    /// all, must not wait for keys.
    /// </summary>
    public static bool AreAskedFor(HttpContext context) =>
        context.GetEndpoint()?.Metadata is { } metadata
        && metadata.GetMetadata<IAuthorizeData>() is not null
        && metadata.GetMetadata<IAllowAnonymous>() is null
        && context.Request.Headers.Authorization.Count > 0;
}
