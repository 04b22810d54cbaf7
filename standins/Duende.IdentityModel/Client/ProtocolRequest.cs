using System.Net.Http.Headers;
using System.Text;

namespace Duende.IdentityModel.Client;

/// <summary>A request of the protocol, with the client's credentials.</summary>
public class ProtocolRequest : HttpRequestMessage
{
    /// <summary>Asks for JSON.</summary>
    public ProtocolRequest() => Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));

    /// <summary>Where it goes; the client's base address where null.</summary>
    public string? Address { get; set; }

    /// <summary>The <c>client_id</c>.</summary>
    public string ClientId { get; set; } = default!;

    /// <summary>The client's secret.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>Where the credentials go.</summary>
    public ClientCredentialStyle ClientCredentialStyle { get; set; } = ClientCredentialStyle.AuthorizationHeader;

    /// <summary>More parameters of the form.</summary>
    public Parameters Parameters { get; set; } = [];

    /// <summary>Puts address, credentials and parameters in their places.</summary>
    public void Prepare()
    {
        if (!string.IsNullOrWhiteSpace(ClientId))
        {
            if (ClientCredentialStyle is ClientCredentialStyle.AuthorizationHeader)
            {
                Headers.Authorization = new("Basic", Convert.ToBase64String(
                    Encoding.UTF8.GetBytes($"{FormEncode(ClientId)}:{FormEncode(ClientSecret ?? "")}")));
            }
            else
            {
                Parameters.AddRequired(OidcConstants.TokenRequest.ClientId, ClientId);
                Parameters.AddOptional(OidcConstants.TokenRequest.ClientSecret, ClientSecret);
            }
        }

        if (!string.IsNullOrWhiteSpace(Address))
            RequestUri = new Uri(Address, UriKind.RelativeOrAbsolute);
        if (Parameters.Count > 0)
            Content = new FormUrlEncodedContent(Parameters);
    }

    // RFC 6749, section 2.3.1.
    private static string FormEncode(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);
}

/// <summary>Where a client's credentials go.</summary>
public enum ClientCredentialStyle
{
    /// <summary>Into the header (RFC 6749, section 2.3.1).</summary>
    AuthorizationHeader,

    /// <summary>Into the form.</summary>
    PostBody,
}

/// <summary>The parameters of a form.</summary>
#pragma warning disable CA1710 // as in the real package
public class Parameters : List<KeyValuePair<string, string>>
#pragma warning restore CA1710
{
    /// <summary>Adds a parameter.</summary>
    public void Add(string key, string value) => Add(new(key, value));

    /// <summary>Adds a parameter that must not be empty.</summary>
    public void AddRequired(string key, string? value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value, key);
        Add(key, value);
    }

    /// <summary>Adds a parameter unless it is empty.</summary>
    public void AddOptional(string key, string? value)
    {
        if (!string.IsNullOrWhiteSpace(value))
            Add(key, value);
    }
}
