using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace KvAspire.Client;

/// <summary>Who registers.</summary>
/// <param name="Username">1 to 64 characters; unique without regard to case.</param>
/// <param name="Email">The address; unique without regard to case.</param>
/// <param name="Password">8 to 128 characters.</param>
/// <param name="FullName">The name that the person goes by.</param>
/// <param name="Age">In years.</param>
/// <param name="Gender">In the person's own words.</param>
public sealed record KvRegistration(string Username, string Email, string Password, string FullName, int? Age = null, string? Gender = null);

/// <summary>An account.</summary>
/// <param name="UserId">The user's id.</param>
/// <param name="Username">The username.</param>
/// <param name="Email">The address.</param>
/// <param name="FullName">The name that the person goes by.</param>
/// <param name="Age">In years.</param>
/// <param name="Gender">In the person's own words.</param>
/// <param name="Role"><c>user</c> or <c>admin</c>; null right after a registration.</param>
/// <param name="CreatedAt">When the person registered; null right after a registration.</param>
public sealed record KvAccount(
    string UserId, string Username, string Email, string FullName, int? Age, string? Gender, string? Role = null, DateTimeOffset? CreatedAt = null);

/// <summary>What to change of an account: what is null stays.</summary>
public sealed record KvAccountChange
{
    /// <summary>The address.</summary>
    public string? Email { get; init; }

    /// <summary>The name that the person goes by.</summary>
    public string? FullName { get; init; }

    /// <summary>In years.</summary>
    public int? Age { get; init; }

    /// <summary>In the person's own words.</summary>
    public string? Gender { get; init; }
}

/// <summary>A session.</summary>
/// <param name="SessionId">Its id.</param>
/// <param name="ClientId">The client that the user signed in with.</param>
/// <param name="Scope">What it grants.</param>
/// <param name="UserAgent">What that client called itself.</param>
/// <param name="CreatedAt">When the user signed in.</param>
/// <param name="LastUsedAt">When it was last refreshed.</param>
/// <param name="ExpiresAt">When it ends unless it is refreshed before.</param>
/// <param name="Current">Whether it is the one that asks.</param>
public sealed record KvSession(
    string SessionId, string ClientId, string Scope, string? UserAgent, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, DateTimeOffset ExpiresAt, bool Current);

/// <summary>An API key to make.</summary>
/// <param name="Name">What the user calls it.</param>
/// <param name="Scopes"><c>kv:read</c>, <c>kv:write</c>, or both.</param>
/// <param name="KeyPrefix">What the keys of entries must begin with; null for all.</param>
/// <param name="ExpiresAt">When it ends; null for never.</param>
public sealed record KvNewApiKey(string Name, IReadOnlyList<string> Scopes, string? KeyPrefix = null, DateTimeOffset? ExpiresAt = null);

/// <summary>An API key.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What the user calls it.</param>
/// <param name="Prefix">How it begins.</param>
/// <param name="Scopes">What it grants.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Key">The key itself: once, when it is made.</param>
/// <param name="KeyPrefix">What the keys of entries must begin with.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="LastUsedAt">When it was last used, to within minutes.</param>
public sealed record KvApiKey(
    string Id, string Name, string Prefix, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, string? Key = null, string? KeyPrefix = null,
    DateTimeOffset? ExpiresAt = null, DateTimeOffset? LastUsedAt = null);

public sealed partial class KvClient
{
    /// <summary>Registers a user: for a client with <see cref="KvCredentials.None"/>, since the user cannot sign in yet.</summary>
    /// <exception cref="KvException"><c>USERNAME_EXISTS</c>, <c>EMAIL_EXISTS</c>, <c>INVALID_PASSWORD</c>, and others.</exception>
    public Task<KvAccount> RegisterAsync(KvRegistration registration, CancellationToken cancellationToken = default) =>
        AskAsync(HttpMethod.Post, "api/register", registration, Wire.Default.KvRegistration, Wire.Default.KvAccount, cancellationToken);

    /// <summary>Ends the session: nobody else's.</summary>
    public async Task SignOutAsync(CancellationToken cancellationToken = default)
    {
        using var response = await transport.SendAsync(() => new HttpRequestMessage(HttpMethod.Post, "api/logout"), cancellationToken).ConfigureAwait(false);
        tokens.Forget();
    }

    /// <summary>Reads the account.</summary>
    public async Task<KvAccount> AccountAsync(CancellationToken cancellationToken = default)
    {
        using var body = await ReadJsonAsync("api/account", cancellationToken).ConfigureAwait(false);
        return Data(body, Wire.Default.KvAccount);
    }

    /// <summary>Changes the account.</summary>
    public Task<KvAccount> ChangeAccountAsync(KvAccountChange change, CancellationToken cancellationToken = default) =>
        AskAsync(HttpMethod.Patch, "api/account", change, Wire.Default.KvAccountChange, Wire.Default.KvAccount, cancellationToken);

    /// <summary>Changes the password, and ends all other sessions.</summary>
    public async Task ChangePasswordAsync(string oldPassword, string newPassword, CancellationToken cancellationToken = default)
    {
        using var response = await transport.SendAsync(() => new HttpRequestMessage(HttpMethod.Post, "api/account/password")
        {
            Content = Json.Object(json =>
            {
                json.WriteString("old_password", oldPassword);
                json.WriteString("new_password", newPassword);
            }),
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the account, and has everything erased that is held of it.</summary>
    public async Task DeleteAccountAsync(string password, CancellationToken cancellationToken = default)
    {
        using var response = await transport.SendAsync(() => new HttpRequestMessage(HttpMethod.Delete, "api/account")
        {
            Content = Json.Object(json => json.WriteString("password", password)),
        }, cancellationToken).ConfigureAwait(false);
        tokens.Forget();
    }

    /// <summary>Copies everything that is held on the user, one JSON document, into a stream.</summary>
    public async Task ExportAsync(Stream to, CancellationToken cancellationToken = default)
    {
        using var response = await transport.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, "api/account/export"), cancellationToken).ConfigureAwait(false);
        await response.Content.CopyToAsync(to, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lists the user's sessions, newest first.</summary>
    public Task<IReadOnlyList<KvSession>> SessionsAsync(CancellationToken cancellationToken = default) =>
        ItemsAsync("api/account/sessions", Wire.Default.KvSession, cancellationToken);

    /// <summary>Ends one of the user's sessions.</summary>
    public async Task EndSessionAsync(string sessionId, CancellationToken cancellationToken = default)
    {
        using var response = await transport.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Delete, $"api/account/sessions/{Uri.EscapeDataString(sessionId)}"), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lists the user's API keys, newest first.</summary>
    public Task<IReadOnlyList<KvApiKey>> ApiKeysAsync(CancellationToken cancellationToken = default) =>
        ItemsAsync("api/keys", Wire.Default.KvApiKey, cancellationToken);

    /// <summary>Makes an API key. <see cref="KvApiKey.Key"/> is told this once.</summary>
    public Task<KvApiKey> CreateApiKeyAsync(KvNewApiKey key, CancellationToken cancellationToken = default) =>
        AskAsync(HttpMethod.Post, "api/keys", key, Wire.Default.KvNewApiKey, Wire.Default.KvApiKey, cancellationToken);

    /// <summary>Revokes an API key.</summary>
    public async Task RevokeApiKeyAsync(string id, CancellationToken cancellationToken = default)
    {
        using var response = await transport.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Delete, $"api/keys/{Uri.EscapeDataString(id)}"), cancellationToken).ConfigureAwait(false);
    }

    private async Task<TAnswer> AskAsync<TRequest, TAnswer>(
        HttpMethod method, string path, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(request, requestType);
        using var response = await transport.SendAsync(() => new HttpRequestMessage(method, path)
        {
            Content = new ByteArrayContent(content) { Headers = { ContentType = new("application/json") } },
        }, cancellationToken).ConfigureAwait(false);
        using var body = await BodyAsync(response, cancellationToken).ConfigureAwait(false);
        return Data(body, answerType);
    }

    private async Task<IReadOnlyList<T>> ItemsAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var body = await ReadJsonAsync(path, cancellationToken).ConfigureAwait(false);
        return [.. body.RootElement.GetProperty("data").GetProperty("items").EnumerateArray().Select(item => item.Deserialize(type)!)];
    }

    private static T Data<T>(JsonDocument body, JsonTypeInfo<T> type) => body.RootElement.GetProperty("data").Deserialize(type)!;
}

/// <summary>How accounts are written on the wire.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KvRegistration))]
[JsonSerializable(typeof(KvAccount))]
[JsonSerializable(typeof(KvAccountChange))]
[JsonSerializable(typeof(KvSession))]
[JsonSerializable(typeof(KvNewApiKey))]
[JsonSerializable(typeof(KvApiKey))]
internal sealed partial class Wire : JsonSerializerContext;
