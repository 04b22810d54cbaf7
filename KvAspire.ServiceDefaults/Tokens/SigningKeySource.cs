using Microsoft.Extensions.Configuration;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.ServiceDefaults.Tokens;

/// <summary>
/// The keys that Identity publishes as a JWK set (RFC 7517), fetched from Identity itself: the discovery document names
/// the public door, and a service behind it must not need the door to check a token.
/// </summary>
internal sealed class SigningKeySource : IConfigurationRetriever<OpenIdConnectConfiguration>
{
    // Keys are announced long before their first use; this is only how soon an announcement is noticed.
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromMinutes(5);

    // How soon again a token with an unknown key may make a service ask, so that forged ones cannot make it ask at will.
    private static readonly TimeSpan RefreshAtMostEvery = TimeSpan.FromSeconds(5);

    public static ConfigurationManager<OpenIdConnectConfiguration> FromConfiguration(IConfiguration configuration)
    {
        var identity = configuration["services:identity:http:0"]
            ?? throw new InvalidOperationException("Set services__identity__http__0 to the address of the identity service.");
        var address = new Uri(new Uri(identity), ".well-known/jwks.json").ToString();

        return new(address, new SigningKeySource(), new HttpDocumentRetriever { RequireHttps = false })
        {
            AutomaticRefreshInterval = RefreshEvery,
            RefreshInterval = RefreshAtMostEvery,
        };
    }

    /// <inheritdoc/>
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(
        string address, IDocumentRetriever retriever, CancellationToken cancel)
    {
        var keys = new JsonWebKeySet(await retriever.GetDocumentAsync(address, cancel));
        var configuration = new OpenIdConnectConfiguration { JsonWebKeySet = keys };
        foreach (var key in keys.GetSigningKeys())
            configuration.SigningKeys.Add(key);

        return configuration;
    }
}
