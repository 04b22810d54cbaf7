using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace KvAspire.Client;

/// <summary>
/// The access token of a client: requested at its first use, renewed before it expires and after the service refused it.
/// Concurrent callers share one renewal, so that a refresh token is used once.
/// </summary>
internal sealed class Tokens(HttpClient http, KvCredentials credentials, KvClientOptions options) : IDisposable
{
    private sealed record Token(string Access, string? Refresh, long RenewAt);

    private readonly SemaphoreSlim turn = new(1);
    private Token? current;

    public bool CanRenew => credentials.CanRenew;

    /// <summary>The current token, renewed where necessary; null without credentials.</summary>
    /// <param name="refused">A token that the service refused, and that must be replaced.</param>
    /// <param name="cancellationToken">Cancels the renewal.</param>
    public async ValueTask<string?> GetAsync(string? refused, CancellationToken cancellationToken)
    {
        if (!credentials.CanRenew)
            return credentials.Fixed;
        if (Usable(refused) is { } token)
            return token.Access;

        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var next = Usable(refused) ?? await RenewAsync(cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref current, next);
            return next.Access;
        }
        finally
        {
            turn.Release();
        }
    }

    public void Forget() => Volatile.Write(ref current, null);

    public void Dispose() => turn.Dispose();

    private Token? Usable(string? refused) =>
        Volatile.Read(ref current) is { } token && token.Access != refused && options.Time.GetTimestamp() < token.RenewAt ? token : null;

    private async Task<Token> RenewAsync(CancellationToken cancellationToken)
    {
        if (credentials.ClientId is { } client)
            return await AskAsync(ClientRequest(client), refresh: null, cancellationToken).ConfigureAwait(false);

        var refresh = current?.Refresh ?? credentials.Refresh;
        if (refresh is not null)
        {
            try
            {
                return await AskAsync(UserRequest(("grant_type", "refresh_token"), ("refresh_token", refresh)), refresh, cancellationToken).ConfigureAwait(false);
            }
            catch (KvException refusal) when (refusal.Status is HttpStatusCode.Unauthorized && credentials.Username is not null)
            {
                // The session has ended; sign in again with the password.
            }
        }

        return await AskAsync(UserRequest(("username", credentials.Username!), ("password", credentials.Secret!)), refresh: null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Token> AskAsync(HttpRequestMessage request, string? refresh, CancellationToken cancellationToken)
    {
        using var sent = request;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.AttemptTimeout);
        using var response = await http.SendAsync(sent, patience.Token).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw await KvException.FromAsync(response, cancellationToken).ConfigureAwait(false);

        using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        var token = json.RootElement.TryGetProperty("data", out var data) ? data : json.RootElement;
        var lifetime = TimeSpan.FromSeconds(token.GetProperty("expires_in").GetInt32());
        var use = lifetime > options.RenewBefore * 2 ? lifetime - options.RenewBefore : lifetime / 2;
        return new(
            token.GetProperty("access_token").GetString()!,
            token.TryGetProperty("refresh_token", out var next) ? next.GetString() : refresh,
            options.Time.GetTimestamp() + (long)(use.TotalSeconds * options.Time.TimestampFrequency));
    }

    private static HttpRequestMessage UserRequest(params (string Name, string Value)[] fields) => new(HttpMethod.Post, "api/token")
    {
        Content = Json.Object(json =>
        {
            foreach (var (name, value) in fields)
                json.WriteString(name, value);
        }),
    };

    // Id and secret are form-encoded before they are joined (RFC 6749, section 2.3.1).
    private HttpRequestMessage ClientRequest(string client)
    {
        Dictionary<string, string> form = new() { ["grant_type"] = "client_credentials" };
        if (credentials.Scope is { } scope)
            form["scope"] = scope;
        var basic = $"{Uri.EscapeDataString(client)}:{Uri.EscapeDataString(credentials.Secret!)}";
        return new(HttpMethod.Post, "connect/token")
        {
            Content = new FormUrlEncodedContent(form),
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(basic))) },
        };
    }
}
