using System.Text;
using Duende.IdentityModel;
using KvAspire.Identity.Clients;
using KvAspire.Identity.Tokens;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace KvAspire.Identity.Connect;

/// <summary>The form of a request to <c>/connect/*</c>, from an authenticated client (RFC 6749, section 2.3.1).</summary>
internal sealed class ConnectForm
{
    private const string Resource = "resource";
    private const int MaxFields = 32, MaxName = 64, MaxValue = 16 * 1024, MaxBasic = 4 * 1024;

    private readonly Dictionary<string, StringValues> fields;

    private ConnectForm(Dictionary<string, StringValues> fields) => this.fields = fields;

    /// <summary>The <c>client_id</c>.</summary>
    public string ClientId { get; private set; } = TokenIssuer.FirstPartyClient;

    /// <summary>The registered client that presented its secret; null for the public client, which has none.</summary>
    public AuthenticClient? Client { get; private set; }

    /// <summary>A parameter; null where it is absent or empty, which means the same (section 3.2).</summary>
    public string? this[string name] => fields.TryGetValue(name, out var value) && !StringValues.IsNullOrEmpty(value) ? value[0] : null;

    /// <summary>
    /// Whether the client asks for tokens for us: it names no resource, or only our issuer (RFC 8707, section 2), whose tokens have
    /// one audience.
    /// </summary>
    public bool IsFor(string issuer) =>
        !fields.TryGetValue(Resource, out var named)
        || named.All(resource => string.IsNullOrEmpty(resource) || resource.TrimEnd('/') == issuer.TrimEnd('/'));

    /// <summary>Reads the form and authenticates its client.</summary>
    /// <returns>The form, or the error.</returns>
    public static async Task<(ConnectForm? Form, OAuthError? Error)> ReadAsync(
        HttpRequest request, ClientStore clients, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            return (null, OAuthError.InvalidRequest("The body must be application/x-www-form-urlencoded."));
        }

        if (ContentCoding.IsRefused(request))
            return (null, new("invalid_request", ContentCoding.Refusal.Message, StatusCodes.Status415UnsupportedMediaType));

        Dictionary<string, StringValues> fields;
        try
        {
            var reader = new FormPipeReader(request.BodyReader) { ValueCountLimit = MaxFields, KeyLengthLimit = MaxName, ValueLengthLimit = MaxValue };
            fields = await reader.ReadFormAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            return (null, OAuthError.InvalidRequest("The form is larger than allowed, or malformed."));
        }

        // The resource may occur more than once (RFC 8707, section 2).
        if (fields.Any(field => field.Value.Count > 1 && field.Key != Resource))
            return (null, OAuthError.InvalidRequest("A parameter occurs more than once."));

        var form = new ConnectForm(fields);
        return await form.AuthenticateAsync(request, clients, cancellationToken) is { } error ? (null, error) : (form, null);
    }

    // A client may authenticate in one way only (section 2.3).
    private async Task<OAuthError?> AuthenticateAsync(HttpRequest request, ClientStore clients, CancellationToken cancellationToken)
    {
        if (!TryReadBasic(request, out var basic))
            return OAuthError.InvalidClient;

        var (id, secret) = (this[OidcConstants.TokenRequest.ClientId], this[OidcConstants.TokenRequest.ClientSecret]);
        if (basic is { } header)
        {
            if (secret is not null || (id is not null && id != header.Id))
                return OAuthError.InvalidRequest("The client authenticates in more than one way.");

            (id, secret) = header;
        }

        // An empty secret is none (section 2.3.1), so that the public client may use HTTP Basic as well.
        if (string.IsNullOrEmpty(secret) && id is null or TokenIssuer.FirstPartyClient)
            return null;

        (Client, var retryAfter) = await clients.AuthenticateAsync(id ?? "", secret ?? "", cancellationToken);
        ClientId = id ?? "";
        return Client is not null ? null
            : retryAfter is { } wait ? OAuthError.RateLimited(wait)
            : OAuthError.InvalidClient;
    }

    // False where the header is malformed. A header of another scheme counts as absent.
    private static bool TryReadBasic(HttpRequest request, out (string Id, string Secret)? basic)
    {
        basic = null;
        var header = request.Headers.Authorization.ToString();
        if (!OAuthError.IsBasic(request))
            return true;

        var bytes = new byte[MaxBasic];
        if (!Convert.TryFromBase64String(header["Basic ".Length..].Trim(), bytes, out var length))
            return false;

        // The client form-encodes both before it joins them.
        var parts = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
        if (parts is not [var id, var secret])
            return false;

        basic = (Decode(id), Decode(secret));
        return true;
    }

    private static string Decode(string encoded) => Uri.UnescapeDataString(encoded.Replace('+', ' '));
}
