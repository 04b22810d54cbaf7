using System.Text.Json;
using Duende.IdentityModel.Jwk;

namespace Duende.IdentityModel.Client;

/// <summary>A discovery document that keeps to the policy, with the keys that it points to; or what is wrong with it.</summary>
public class DiscoveryDocumentResponse : ProtocolResponse
{
    /// <summary>What was demanded of it.</summary>
    public DiscoveryPolicy Policy { get; set; } = new();

    /// <summary>The keys at <see cref="JwksUri"/>.</summary>
    public JsonWebKeySet? KeySet { get; set; }

    /// <summary>The issuer's identifier.</summary>
    public string? Issuer => TryGetString(OidcConstants.Discovery.Issuer);

    /// <summary>Where the keys are.</summary>
    public string? JwksUri => TryGetString(OidcConstants.Discovery.JwksUri);

    /// <summary>Where users authorize clients.</summary>
    public string? AuthorizeEndpoint => TryGetString(OidcConstants.Discovery.AuthorizationEndpoint);

    /// <summary>Where clients get tokens.</summary>
    public string? TokenEndpoint => TryGetString(OidcConstants.Discovery.TokenEndpoint);

    /// <summary>Where clients learn about the user.</summary>
    public string? UserInfoEndpoint => TryGetString(OidcConstants.Discovery.UserInfoEndpoint);

    /// <summary>Where tokens are looked into.</summary>
    public string? IntrospectionEndpoint => TryGetString(OidcConstants.Discovery.IntrospectionEndpoint);

    /// <summary>Where tokens are revoked.</summary>
    public string? RevocationEndpoint => TryGetString(OidcConstants.Discovery.RevocationEndpoint);

    /// <summary>The scopes.</summary>
    public IEnumerable<string> ScopesSupported => TryGetStringArray(OidcConstants.Discovery.ScopesSupported);

    /// <summary>The grants.</summary>
    public IEnumerable<string> GrantTypesSupported => TryGetStringArray(OidcConstants.Discovery.GrantTypesSupported);

    /// <summary>The response types.</summary>
    public IEnumerable<string> ResponseTypesSupported => TryGetStringArray(OidcConstants.Discovery.ResponseTypesSupported);

    /// <summary>The subject types.</summary>
    public IEnumerable<string> SubjectTypesSupported => TryGetStringArray(OidcConstants.Discovery.SubjectTypesSupported);

    /// <summary>How clients may authenticate.</summary>
    public IEnumerable<string> TokenEndpointAuthenticationMethodsSupported =>
        TryGetStringArray(OidcConstants.Discovery.TokenEndpointAuthenticationMethodsSupported);

    /// <summary>A member of the document, or null.</summary>
    public JsonElement? TryGetValue(string name) =>
        Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(name, out var value) ? value : null;

    /// <summary>A member as text, or null.</summary>
    public string? TryGetString(string name) => TryGet(name);

    /// <summary>A member that is a list of texts; an empty one where it is not.</summary>
    public IEnumerable<string> TryGetStringArray(string name) =>
        TryGetValue(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(item => item.ToString()) : [];

    /// <inheritdoc/>
    protected override Task InitializeAsync(object? initializationData = null)
    {
        if (HttpResponse?.IsSuccessStatusCode is not true)
        {
            ErrorMessage = initializationData as string;
            return Task.CompletedTask;
        }

        Policy = initializationData as DiscoveryPolicy ?? new();
        if (DiscoveryValidation.Objection(this, Policy) is { } objection)
        {
            Json = null;
            ErrorType = ResponseErrorType.PolicyViolation;
            ErrorMessage = objection;
        }

        return Task.CompletedTask;
    }
}
