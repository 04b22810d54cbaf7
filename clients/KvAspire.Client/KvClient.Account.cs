using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace KvAspire.Client;

/// <summary>A registration.</summary>
/// <param name="Username">1 to 64 characters; unique, ignoring case.</param>
/// <param name="Email">The email address; unique, ignoring case.</param>
/// <param name="Password">8 to 128 characters.</param>
/// <param name="FullName">The full name.</param>
/// <param name="Age">In years.</param>
/// <param name="Gender">In the person's own words.</param>
public sealed record KvRegistration(string Username, string Email, string Password, string FullName, int? Age = null, string? Gender = null);

/// <summary>An account.</summary>
/// <param name="UserId">The id.</param>
/// <param name="Username">The username.</param>
/// <param name="Email">The email address.</param>
/// <param name="FullName">The full name.</param>
/// <param name="Age">In years.</param>
/// <param name="Gender">In the person's own words.</param>
/// <param name="Role"><c>user</c> or <c>admin</c>; null in the response to a registration.</param>
/// <param name="CreatedAt">The time of the registration; null in the response to a registration.</param>
public sealed record KvAccount(
    string UserId, string Username, string Email, string FullName, int? Age, string? Gender, string? Role = null, DateTimeOffset? CreatedAt = null);

/// <summary>Changes of an account. Null leaves a field as it is.</summary>
public sealed record KvAccountChange
{
    /// <summary>The email address.</summary>
    public string? Email { get; init; }

    /// <summary>The full name.</summary>
    public string? FullName { get; init; }

    /// <summary>In years.</summary>
    public int? Age { get; init; }

    /// <summary>In the person's own words.</summary>
    public string? Gender { get; init; }

    /// <summary>The password. A change of the email address needs it where the sign-in is not recent.</summary>
    public string? CurrentPassword { get; init; }
}

/// <summary>A session.</summary>
/// <param name="SessionId">The id.</param>
/// <param name="ClientId">The client of the sign-in.</param>
/// <param name="Scope">The scopes, separated by spaces.</param>
/// <param name="UserAgent">The <c>User-Agent</c> of the sign-in.</param>
/// <param name="CreatedAt">The time of the sign-in.</param>
/// <param name="LastUsedAt">The time of the last refresh.</param>
/// <param name="ExpiresAt">When the session ends without another refresh.</param>
/// <param name="Current">Whether this client uses the session.</param>
public sealed record KvSession(
    string SessionId, string ClientId, string Scope, string? UserAgent, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, DateTimeOffset ExpiresAt, bool Current);

/// <summary>A new API key.</summary>
/// <param name="Name">The user's name for the key.</param>
/// <param name="Scopes"><c>kv:read</c>, <c>kv:write</c>, or both.</param>
/// <param name="KeyPrefix">The prefix of the entries that the key reaches; null for all.</param>
/// <param name="ExpiresAt">When the key expires; null for never.</param>
public sealed record KvNewApiKey(string Name, IReadOnlyList<string> Scopes, string? KeyPrefix = null, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>The user's password. The request needs it where the sign-in is not recent.</summary>
    public string? CurrentPassword { get; init; }
}

/// <summary>An API key.</summary>
/// <param name="Id">The id.</param>
/// <param name="Name">The user's name for the key.</param>
/// <param name="Prefix">The beginning of the key.</param>
/// <param name="Scopes">The scopes.</param>
/// <param name="CreatedAt">The time of the creation.</param>
/// <param name="Key">The key itself; only in the response to its creation.</param>
/// <param name="KeyPrefix">The prefix of the entries that the key reaches; null for all.</param>
/// <param name="ExpiresAt">When the key expires; null for never.</param>
/// <param name="LastUsedAt">The time of the last use, accurate to minutes.</param>
public sealed record KvApiKey(
    string Id, string Name, string Prefix, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, string? Key = null, string? KeyPrefix = null,
    DateTimeOffset? ExpiresAt = null, DateTimeOffset? LastUsedAt = null);

public partial class KvClient
{
    /// <summary>Registers a user. Use a client with <see cref="KvCredentials.None"/>: the user cannot sign in yet.</summary>
    /// <exception cref="KvException"><c>USERNAME_EXISTS</c>, <c>EMAIL_EXISTS</c>, <c>INVALID_PASSWORD</c> and others.</exception>
    public virtual Task<KvAccount> RegisterAsync(KvRegistration registration, CancellationToken cancellationToken = default) =>
        AskAsync("register", HttpMethod.Post, "api/register", registration, Wire.Default.KvRegistration, Wire.Default.KvAccount, cancellationToken);

    /// <summary>Ends this client's session.</summary>
    public virtual async Task SignOutAsync(CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync("sign_out", HttpMethod.Post, "api/logout", cancellationToken).ConfigureAwait(false);
        tokens.Forget();
    }

    /// <summary>Reads the account.</summary>
    public virtual async Task<KvAccount> AccountAsync(CancellationToken cancellationToken = default)
    {
        using var body = await ReadJsonAsync("account", "api/account", cancellationToken).ConfigureAwait(false);
        return Data(body, Wire.Default.KvAccount);
    }

    /// <summary>Changes the account.</summary>
    /// <exception cref="KvException"><c>REAUTHENTICATION_REQUIRED</c>, <c>EMAIL_EXISTS</c> and others.</exception>
    public virtual Task<KvAccount> ChangeAccountAsync(KvAccountChange change, CancellationToken cancellationToken = default) =>
        AskAsync("change_account", HttpMethod.Patch, "api/account", change, Wire.Default.KvAccountChange, Wire.Default.KvAccount, cancellationToken);

    /// <summary>Changes the password, and ends all other sessions and, unless they are kept, all API keys.</summary>
    public virtual async Task ChangePasswordAsync(
        string oldPassword, string newPassword, bool keepApiKeys = false, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync("change_password", HttpMethod.Post, "api/account/password", cancellationToken, json =>
        {
            json.WriteString("old_password", oldPassword);
            json.WriteString("new_password", newPassword);
            json.WriteBoolean("keep_api_keys", keepApiKeys);
        }).ConfigureAwait(false);
    }

    /// <summary>Deletes the account. The service erases all its data.</summary>
    public virtual async Task DeleteAccountAsync(string password, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync(
            "delete_account", HttpMethod.Delete, "api/account", cancellationToken, json => json.WriteString("password", password)).ConfigureAwait(false);
        tokens.Forget();
    }

    /// <summary>Writes all data of the user to a stream, as one JSON document.</summary>
    public virtual async Task ExportAsync(Stream destination, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync("export", HttpMethod.Get, "api/account/export", cancellationToken).ConfigureAwait(false);
        await response.Content.CopyToAsync(destination, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lists the user's sessions, newest first.</summary>
    public virtual Task<IReadOnlyList<KvSession>> SessionsAsync(CancellationToken cancellationToken = default) =>
        ItemsAsync("sessions", "api/account/sessions", Wire.Default.KvSession, cancellationToken);

    /// <summary>Ends one of the user's sessions.</summary>
    public virtual async Task EndSessionAsync(string sessionId, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync(
            "end_session", HttpMethod.Delete, $"api/account/sessions/{Uri.EscapeDataString(sessionId)}", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lists the user's API keys, newest first.</summary>
    public virtual Task<IReadOnlyList<KvApiKey>> ApiKeysAsync(CancellationToken cancellationToken = default) =>
        ItemsAsync("api_keys", "api/keys", Wire.Default.KvApiKey, cancellationToken);

    /// <summary>Creates an API key. Only this response contains <see cref="KvApiKey.Key"/>.</summary>
    /// <exception cref="KvException"><c>REAUTHENTICATION_REQUIRED</c> and others.</exception>
    public virtual Task<KvApiKey> CreateApiKeyAsync(KvNewApiKey key, CancellationToken cancellationToken = default) =>
        AskAsync("create_api_key", HttpMethod.Post, "api/keys", key, Wire.Default.KvNewApiKey, Wire.Default.KvApiKey, cancellationToken);

    /// <summary>Revokes an API key.</summary>
    public virtual async Task RevokeApiKeyAsync(string id, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync(
            "revoke_api_key", HttpMethod.Delete, $"api/keys/{Uri.EscapeDataString(id)}", cancellationToken).ConfigureAwait(false);
    }

    internal async Task<TAnswer> AskAsync<TRequest, TAnswer>(
        string operation, HttpMethod method, string path, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancellationToken)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(request, requestType);
        using var response = await transport.SendAsync(operation, () => new HttpRequestMessage(method, path)
        {
            Content = new ByteArrayContent(content) { Headers = { ContentType = new("application/json") } },
        }, cancellationToken).ConfigureAwait(false);
        using var body = await BodyAsync(response, cancellationToken).ConfigureAwait(false);
        return Data(body, answerType);
    }

    private async Task<IReadOnlyList<T>> ItemsAsync<T>(string operation, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var body = await ReadJsonAsync(operation, path, cancellationToken).ConfigureAwait(false);
        return [.. body.RootElement.GetProperty("data").GetProperty("items").EnumerateArray().Select(item => item.Deserialize(type)!)];
    }

    internal static T Data<T>(JsonDocument body, JsonTypeInfo<T> type) => body.RootElement.GetProperty("data").Deserialize(type)!;
}

/// <summary>The JSON of accounts.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KvRegistration))]
[JsonSerializable(typeof(KvAccount))]
[JsonSerializable(typeof(KvAccountChange))]
[JsonSerializable(typeof(KvSession))]
[JsonSerializable(typeof(KvNewApiKey))]
[JsonSerializable(typeof(KvApiKey))]
internal sealed partial class Wire : JsonSerializerContext;
