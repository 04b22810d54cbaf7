using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Configuration;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.ServiceDefaults.Tokens;

/// <summary>
/// The keys that Identity publishes as a JWK set (RFC 7517), fetched from Identity itself: the discovery document names
/// the public door, and a service behind it must not need the door to check a token.
/// </summary>
internal sealed class SigningKeySource(IReadOnlyList<string> addresses) : IConfigurationRetriever<OpenIdConnectConfiguration>
{
    public const string NoAddress = "Set services__identity__http__0 to the address of the identity service.";

    // Keys are announced long before their first use; this is only how soon an announcement is noticed.
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromMinutes(5);

    // How soon again a token with an unknown key may make a service ask, so that forged ones cannot make it ask at will.
    private static readonly TimeSpan RefreshAtMostEvery = TimeSpan.FromSeconds(5);

    // Until the first keys are there requests wait for them in line, and each in turn asks anew. Those who stood in line
    // while one failed get its failure; without this the last would wait for all the others.
    private static readonly TimeSpan FailFor = TimeSpan.FromSeconds(1);

    private static readonly HttpClient Client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
    {
        Timeout = TimeSpan.FromSeconds(5),
    };

    private Failure? lastFailure;

    public static IReadOnlyList<string> Addresses(IConfiguration configuration) =>
        [.. configuration.GetSection("services:identity:http").GetChildren()
            .Select(replica => new Uri(new Uri(replica.Value!), ".well-known/jwks.json").ToString())];

    public static ConfigurationManager<OpenIdConnectConfiguration> FromConfiguration(IConfiguration configuration)
    {
        var addresses = Addresses(configuration);
        return new(addresses[0], new SigningKeySource(addresses), new HttpDocumentRetriever(Client) { RequireHttps = false })
        {
            AutomaticRefreshInterval = RefreshEvery,
            RefreshInterval = RefreshAtMostEvery,
        };
    }

    /// <inheritdoc/>
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(
        string address, IDocumentRetriever retriever, CancellationToken cancel)
    {
        if (lastFailure is { } failure && TimeProvider.System.GetElapsedTime(failure.At) < FailFor)
            failure.Cause.Throw();

        for (var replica = 0; ; replica++)
        {
            try
            {
                return Read(await retriever.GetDocumentAsync(addresses[replica], cancel));
            }
            catch (Exception exception)
            {
                if (replica < addresses.Count - 1)
                    continue;

                lastFailure = new(ExceptionDispatchInfo.Capture(exception), TimeProvider.System.GetTimestamp());
                throw;
            }
        }
    }

    private static OpenIdConnectConfiguration Read(string document)
    {
        var keys = new JsonWebKeySet(document);
        var configuration = new OpenIdConnectConfiguration { JsonWebKeySet = keys };
        foreach (var key in keys.GetSigningKeys())
            configuration.SigningKeys.Add(key);

        return configuration;
    }

    private sealed record Failure(ExceptionDispatchInfo Cause, long At);
}
