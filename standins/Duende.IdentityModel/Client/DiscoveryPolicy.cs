namespace Duende.IdentityModel.Client;

/// <summary>What a client demands of a discovery document.</summary>
public class DiscoveryPolicy
{
    /// <summary>The authority that the document must belong to; by default the address that was asked.</summary>
    public string Authority { get; set; } = "";

    /// <summary>Where the document lies; null for the standard place.</summary>
    public string? DiscoveryDocumentPath { get; set; }

    /// <summary>Compares issuer and endpoints with the authority; by default exactly.</summary>
    public IAuthorityValidationStrategy AuthorityValidationStrategy { get; set; } = new StringComparisonAuthorityValidationStrategy();

    /// <summary>Whether everything must be HTTPS. Defaults to true.</summary>
    public bool RequireHttps { get; set; } = true;

    /// <summary>Whether <see cref="LoopbackAddresses"/> may be HTTP all the same. Defaults to true.</summary>
    public bool AllowHttpOnLoopback { get; set; } = true;

#pragma warning disable CA1051 // a field in the real package
    /// <summary>This machine's own names.</summary>
    public ICollection<string> LoopbackAddresses = new HashSet<string> { "localhost", "127.0.0.1" };
#pragma warning restore CA1051

    /// <summary>Whether the issuer must be the authority. Defaults to true.</summary>
    public bool ValidateIssuerName { get; set; } = true;

    /// <summary>Whether the endpoints must lie under the authority. Defaults to true.</summary>
    public bool ValidateEndpoints { get; set; } = true;

    /// <summary>Endpoints that may lie elsewhere.</summary>
    public ICollection<string> EndpointValidationExcludeList { get; set; } = new HashSet<string>();

    /// <summary>Addresses besides the authority under which endpoints may lie.</summary>
    public ICollection<string> AdditionalEndpointBaseAddresses { get; set; } = new HashSet<string>();

    /// <summary>Whether there must be keys. Defaults to true.</summary>
    public bool RequireKeySet { get; set; } = true;
}
