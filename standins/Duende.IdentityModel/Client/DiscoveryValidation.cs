using System.Text.Json;

namespace Duende.IdentityModel.Client;

/// <summary>Holds a discovery document against a policy, so that one issuer cannot speak for another.</summary>
internal static class DiscoveryValidation
{
    /// <summary>What the policy has against the document, or null.</summary>
    public static string? Objection(DiscoveryDocumentResponse document, DiscoveryPolicy policy)
    {
        if (policy.ValidateIssuerName
            && policy.AuthorityValidationStrategy.IsIssuerNameValid(document.Issuer ?? "", policy.Authority) is { Success: false } issuer)
            return issuer.ErrorMessage;

        var objections = Endpoints(document).Select(endpoint => Objection(endpoint.Name, endpoint.Value.ToString(), policy));
        return objections.FirstOrDefault(objection => objection is not null)
            ?? (policy.RequireKeySet && string.IsNullOrWhiteSpace(document.JwksUri) ? "Keyset is missing" : null);
    }

    private static IEnumerable<JsonProperty> Endpoints(DiscoveryDocumentResponse document) =>
        document.Json is not { ValueKind: JsonValueKind.Object } json ? [] : json.EnumerateObject().Where(member =>
            member.Name.EndsWith("endpoint", StringComparison.OrdinalIgnoreCase)
            || member.Name is OidcConstants.Discovery.JwksUri or OidcConstants.Discovery.CheckSessionIframe);

    private static string? Objection(string name, string endpoint, DiscoveryPolicy policy)
    {
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || !DiscoveryEndpoint.IsValidScheme(uri))
            return $"Malformed endpoint: {endpoint}";
        if (!DiscoveryEndpoint.IsSecureScheme(uri, policy))
            return $"Endpoint does not use HTTPS: {endpoint}";
        if (!policy.ValidateEndpoints || policy.EndpointValidationExcludeList.Contains(name))
            return null;

        string[] authorities = [policy.Authority, .. policy.AdditionalEndpointBaseAddresses];
        if (!authorities.Any(authority => new Uri(authority).Authority == uri.Authority))
            return $"Endpoint is on a different host than authority: {endpoint}";

        return policy.AuthorityValidationStrategy.IsEndpointValid(endpoint, authorities) is { Success: false } result ? result.ErrorMessage : null;
    }
}
