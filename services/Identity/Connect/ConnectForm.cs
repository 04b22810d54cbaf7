using System.Text;
using Duende.IdentityModel;
using KvAspire.Identity.Clients;
using KvAspire.Identity.Tokens;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace KvAspire.Identity.Connect;

/// <summary>Who sent a form: a registered client that has shown its secret, or our own front door, which has none.</summary>
/// <param name="Id">The <c>client_id</c>.</param>
/// <param name="Client">Null for our own front door, the one public client.</param>
internal sealed record Caller(string Id, AuthenticClient? Client);

/// <summary>The form of a request to <c>/connect/*</c>, with the client's authentication (RFC 6749, section 2.3.1).</summary>
internal sealed class ConnectForm
{
    private const int MaxFields = 32, MaxName = 64, MaxValue = 16 * 1024, MaxBasic = 4 * 1024;

    private readonly Dictionary<string, StringValues> fields;
    private readonly (string Id, string Secret)? basic;

    private ConnectForm(Dictionary<string, StringValues> fields, (string, string)? basic) => (this.fields, this.basic) = (fields, basic);

    /// <summary>A parameter; null where it is absent or empty, which means the same (section 3.2).</summary>
    public string? this[string name] => fields.TryGetValue(name, out var value) && !StringValues.IsNullOrEmpty(value) ? value[0] : null;

    /// <summary>Reads the form.</summary>
    /// <returns>The form, or what is wrong with it.</returns>
    public static async Task<(ConnectForm? Form, OAuthError? Error)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            return (null, OAuthError.InvalidRequest("The body must be application/x-www-form-urlencoded."));
        }

        try
        {
            var reader = new FormPipeReader(request.BodyReader) { ValueCountLimit = MaxFields, KeyLengthLimit = MaxName, ValueLengthLimit = MaxValue };
            var fields = await reader.ReadFormAsync(cancellationToken);
            if (fields.Any(field => field.Value.Count > 1))
                return (null, OAuthError.InvalidRequest("A parameter is there more than once."));

            return TryReadBasic(request, out var basic)
                ? (new(fields, basic), null)
                : (null, OAuthError.InvalidClient);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            return (null, OAuthError.InvalidRequest("The form is larger than allowed, or malformed."));
        }
    }

    /// <summary>Finds out who sent it. A client may authenticate in one way only (section 2.3).</summary>
    /// <returns>The caller, or what is wrong.</returns>
    public async Task<(Caller? Caller, OAuthError? Error)> AuthenticateAsync(ClientStore clients, CancellationToken cancellationToken)
    {
        var (id, secret) = (this[OidcConstants.TokenRequest.ClientId], this[OidcConstants.TokenRequest.ClientSecret]);
        if (basic is { } header)
        {
            if (secret is not null || (id is not null && id != header.Id))
                return (null, OAuthError.InvalidRequest("The client authenticates in more than one way."));

            (id, secret) = header;
        }

        // An empty secret is none (section 2.3.1): so a public client may come with HTTP Basic as well.
        if (string.IsNullOrEmpty(secret) && id is null or TokenIssuer.FirstPartyClient)
            return (new(TokenIssuer.FirstPartyClient, null), null);

        return await clients.AuthenticateAsync(id ?? "", secret ?? "", cancellationToken) is { } client
            ? (new(client.Id, client), null)
            : (null, OAuthError.InvalidClient);
    }

    // False where there is a header that cannot be read. Of another scheme, it is not meant for us.
    private static bool TryReadBasic(HttpRequest request, out (string Id, string Secret)? basic)
    {
        basic = null;
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return true;

        var bytes = new byte[MaxBasic];
        if (!Convert.TryFromBase64String(header["Basic ".Length..].Trim(), bytes, out var length))
            return false;

        // Both are form-encoded before they are joined.
        var parts = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
        if (parts is not [var id, var secret])
            return false;

        basic = (Decode(id), Decode(secret));
        return true;
    }

    private static string Decode(string encoded) => Uri.UnescapeDataString(encoded.Replace('+', ' '));
}
