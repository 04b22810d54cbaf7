namespace Duende.IdentityModel.Client;

/// <summary>The address of a discovery document, and the authority that it speaks for.</summary>
public class DiscoveryEndpoint(string authority, string url)
{
    /// <summary>The authority.</summary>
    public string Authority { get; } = authority;

    /// <summary>The document's address.</summary>
    public string Url { get; } = url;

    /// <summary>Takes the one or the other, and finds both.</summary>
    /// <exception cref="InvalidOperationException">It is no HTTP address.</exception>
    public static DiscoveryEndpoint ParseUrl(string input, string? path = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (!Uri.TryCreate(input, UriKind.Absolute, out var uri) || !IsValidScheme(uri))
            throw new InvalidOperationException("Malformed URL");

        var document = (string.IsNullOrEmpty(path) ? OidcConstants.Discovery.DiscoveryEndpoint : path).TrimStart('/');
        var address = input.TrimEnd('/');
        return address.EndsWith("/" + document, StringComparison.OrdinalIgnoreCase)
            ? new(address[..^(document.Length + 1)], address)
            : new(address, $"{address}/{document}");
    }

    /// <summary>Whether it is HTTP or HTTPS.</summary>
    public static bool IsValidScheme(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return url.Scheme is "http" or "https";
    }

    /// <summary>Whether it is as secure as the policy asks.</summary>
    public static bool IsSecureScheme(Uri url, DiscoveryPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(policy);
        return !policy.RequireHttps
            || url.Scheme is "https"
            || (policy.AllowHttpOnLoopback && policy.LoopbackAddresses.Contains(url.DnsSafeHost, StringComparer.OrdinalIgnoreCase));
    }
}
