namespace Duende.IdentityModel.Client;

/// <summary>Decides whether an issuer and its endpoints belong to an authority.</summary>
public interface IAuthorityValidationStrategy
{
    /// <summary>Compares the issuer.</summary>
    AuthorityValidationResult IsIssuerNameValid(string issuerName, string expectedAuthority);

    /// <summary>Compares an endpoint.</summary>
    AuthorityValidationResult IsEndpointValid(string endpoint, IEnumerable<string> allowedAuthorities);
}

/// <summary>The outcome of a comparison.</summary>
#pragma warning disable CA1815 // the real one has no equality either
public readonly struct AuthorityValidationResult
#pragma warning restore CA1815
{
    /// <summary>It belongs.</summary>
    public static readonly AuthorityValidationResult SuccessResult = new(true, "");

    private AuthorityValidationResult(bool success, string errorMessage) => (Success, ErrorMessage) = (success, errorMessage);

    /// <summary>Why it does not belong.</summary>
    public string ErrorMessage { get; }

    /// <summary>Whether it belongs.</summary>
    public bool Success { get; }

    /// <summary>It does not belong.</summary>
    public static AuthorityValidationResult CreateError(string message) => new(false, message);
}

/// <summary>Compares the texts.</summary>
public sealed class StringComparisonAuthorityValidationStrategy(StringComparison stringComparison = StringComparison.Ordinal)
    : IAuthorityValidationStrategy
{
    /// <inheritdoc/>
    public AuthorityValidationResult IsIssuerNameValid(string issuerName, string expectedAuthority) =>
        string.IsNullOrWhiteSpace(issuerName) ? AuthorityValidationResult.CreateError("Issuer name is missing")
        : string.Equals(issuerName, expectedAuthority, stringComparison) ? AuthorityValidationResult.SuccessResult
        : AuthorityValidationResult.CreateError("Issuer name does not match authority: " + issuerName);

    /// <inheritdoc/>
    public AuthorityValidationResult IsEndpointValid(string endpoint, IEnumerable<string> allowedAuthorities) =>
        string.IsNullOrEmpty(endpoint) ? AuthorityValidationResult.CreateError("endpoint is empty")
        : allowedAuthorities.Any(authority => endpoint.StartsWith(authority, stringComparison)) ? AuthorityValidationResult.SuccessResult
        : AuthorityValidationResult.CreateError("Endpoint belongs to different authority: " + endpoint);
}
