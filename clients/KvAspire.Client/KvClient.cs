using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace KvAspire.Client;

/// <summary>
/// A client of KvAspire. One instance per process is enough: concurrent calls are safe. Error responses are
/// <see cref="KvException"/>. The members are virtual, so that tests can replace them.
/// </summary>
public partial class KvClient : IDisposable
{
    private readonly HttpClient http;
    private readonly Tokens tokens;
    private readonly Transport transport;
    private readonly KvClientOptions options;
    private readonly Values values;

    /// <summary>Creates a client for tests, whose members a derived class or a mocking library replaces.</summary>
    protected KvClient()
        : this(new("http://localhost"), KvCredentials.None)
    {
    }

    /// <summary>Creates a client.</summary>
    /// <param name="address">The gateway's URL.</param>
    /// <param name="credentials">The credentials.</param>
    /// <param name="options">The options.</param>
    /// <param name="handler">The HTTP handler, which the client does not dispose.</param>
    public KvClient(Uri address, KvCredentials credentials, KvClientOptions? options = null, HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(credentials);
        this.options = options ?? new();
        values = new(this.options.Values);
        http = handler is null ? new(NewHandler()) : new(handler, disposeHandler: false);
        http.BaseAddress = address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
        http.DefaultRequestHeaders.UserAgent.Add(new("KvAspire.Client", KvTelemetry.Version));
        http.Timeout = Timeout.InfiniteTimeSpan; // each attempt has its own limit; a watch has none
        tokens = new(http, credentials, this.options);
        transport = new(http, tokens, this.options);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes of the connections, unless the handler is the caller's.</summary>
    /// <param name="disposing">Whether <see cref="Dispose()"/> calls.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;

        tokens.Dispose();
        http.Dispose();
    }

    /// <summary>Reads an entry.</summary>
    /// <param name="key">The key.</param>
    /// <param name="type">How to read the value; by default <see cref="KvClientOptions.Values"/>.</param>
    /// <param name="pastCache">Whether to bypass the service's cache.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The entry, or null where there is none.</returns>
    public virtual async Task<KvEntry<T>?> GetAsync<T>(
        string key, JsonTypeInfo<T>? type = null, bool pastCache = false, CancellationToken cancellationToken = default)
    {
        using var response = await ReadAsync("get", HttpMethod.Get, key, pastCache, cancellationToken).ConfigureAwait(false);
        if (response is null)
            return null;

        using var body = await BodyAsync(response, cancellationToken).ConfigureAwait(false);
        return Entry(body.RootElement.GetProperty("data"), Revision(response), type)!;
    }

    /// <summary>Reads an entry again if it changed (<c>If-None-Match</c>).</summary>
    /// <param name="entry">The entry as it was read.</param>
    /// <param name="type">How to read the value; by default <see cref="KvClientOptions.Values"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The same object where the entry did not change, the new entry where it did, and null where it is gone.</returns>
    public virtual async Task<KvEntry<T>?> RefreshAsync<T>(KvEntry<T> entry, JsonTypeInfo<T>? type = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entry);
        using var response = await transport.SendAsync("refresh", () => new(HttpMethod.Get, Address(entry.Key))
        {
            Headers = { IfNoneMatch = { Tag(entry.Revision) } },
        }, cancellationToken, HttpStatusCode.NotModified, HttpStatusCode.NotFound).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.NotModified)
            return entry;
        if (response.StatusCode is HttpStatusCode.NotFound)
            return null;

        using var body = await BodyAsync(response, cancellationToken).ConfigureAwait(false);
        return Entry(body.RootElement.GetProperty("data"), Revision(response), type)!;
    }

    /// <summary>Reads a value byte for byte as it is stored: JSON in UTF-8.</summary>
    /// <returns>The value, or null where there is no entry.</returns>
    public virtual async Task<byte[]?> GetUtf8Async(string key, CancellationToken cancellationToken = default)
    {
        using var response = await ReadAsync("get", HttpMethod.Get, key, pastCache: false, cancellationToken).ConfigureAwait(false);
        if (response is null)
            return null;

        using var body = await BodyAsync(response, cancellationToken).ConfigureAwait(false);
        return JsonMarshal.GetRawUtf8Value(body.RootElement.GetProperty("data").GetProperty("value")).ToArray();
    }

    /// <summary>Reads the revision of an entry, without its value.</summary>
    /// <returns>The revision, or null where there is no entry.</returns>
    public virtual async Task<long?> HeadAsync(string key, CancellationToken cancellationToken = default)
    {
        using var response = await ReadAsync("head", HttpMethod.Head, key, pastCache: false, cancellationToken).ConfigureAwait(false);
        return response is null ? null : Revision(response);
    }

    /// <summary>Stores an entry under a new key.</summary>
    /// <exception cref="KvKeyExistsException">The key exists.</exception>
    public virtual Task<KvWritten> CreateAsync<T>(
        string key, T value, KvWrite? write = null, JsonTypeInfo<T>? type = null, CancellationToken cancellationToken = default) =>
        CreateUtf8Async(key, values.Write(key, value, type), write, cancellationToken);

    /// <summary>Stores a value that is JSON in UTF-8 under a new key.</summary>
    public virtual async Task<KvWritten> CreateUtf8Async(string key, byte[] value, KvWrite? write = null, CancellationToken cancellationToken = default)
    {
        using var response = await PostAsync("create", "api/data", write?.IdempotencyKey, json =>
        {
            json.WriteString("key", key);
            WriteContent(json, value, write);
        }, cancellationToken).ConfigureAwait(false);
        return new(Revision(response), Created: true);
    }

    /// <summary>Stores an entry under a new or existing key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="write">Options and conditions.</param>
    /// <param name="type">How to write the value; by default <see cref="KvClientOptions.Values"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="KvPreconditionFailedException">A condition does not hold.</exception>
    public virtual Task<KvWritten> SetAsync<T>(
        string key, T value, KvWrite? write = null, JsonTypeInfo<T>? type = null, CancellationToken cancellationToken = default) =>
        SetUtf8Async(key, values.Write(key, value, type), write, cancellationToken);

    /// <summary>Stores a value that is JSON in UTF-8 under a new or existing key.</summary>
    public virtual Task<KvWritten> SetUtf8Async(string key, byte[] value, KvWrite? write = null, CancellationToken cancellationToken = default) =>
        PutAsync("set", $"{Address(key)}&upsert=true", value, write, cancellationToken);

    /// <summary>Replaces the value of an entry.</summary>
    /// <inheritdoc cref="SetAsync"/>
    /// <exception cref="KvKeyNotFoundException">The key does not exist.</exception>
    public virtual Task<KvWritten> ReplaceAsync<T>(
        string key, T value, KvWrite? write = null, JsonTypeInfo<T>? type = null, CancellationToken cancellationToken = default) =>
        ReplaceUtf8Async(key, values.Write(key, value, type), write, cancellationToken);

    /// <summary>Replaces the value of an entry by a value that is JSON in UTF-8.</summary>
    public virtual Task<KvWritten> ReplaceUtf8Async(string key, byte[] value, KvWrite? write = null, CancellationToken cancellationToken = default) =>
        PutAsync("replace", Address(key), value, write, cancellationToken);

    /// <summary>Deletes an entry.</summary>
    /// <returns>Whether the entry existed.</returns>
    /// <exception cref="KvPreconditionFailedException">The entry has another revision.</exception>
    public virtual async Task<bool> DeleteAsync(string key, long? ifMatch = null, CancellationToken cancellationToken = default)
    {
        using var response = await transport.SendAsync(
            "delete", () => Conditional(new HttpRequestMessage(HttpMethod.Delete, Address(key)), new() { IfMatch = ifMatch }),
            cancellationToken, HttpStatusCode.NotFound).ConfigureAwait(false);
        return response.IsSuccessStatusCode;
    }

    /// <summary>Adds to a number. A missing entry counts as 0.</summary>
    /// <returns>The new number.</returns>
    /// <exception cref="InvalidOperationException">The number is added, but the token lacks <c>kv:read</c>.</exception>
    public virtual async Task<BigInteger> AddAsync(string key, BigInteger delta, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        using var response = await PostAsync(
            "add", $"api/counters?key={Uri.EscapeDataString(key)}", idempotencyKey,
            json => json.WriteRaw("delta", System.Text.Encoding.ASCII.GetBytes(delta.ToString(CultureInfo.InvariantCulture))), cancellationToken).ConfigureAwait(false);
        using var body = await BodyAsync(response, cancellationToken).ConfigureAwait(false);
        return body.RootElement.GetProperty("data").TryGetProperty("value", out var number)
            ? BigInteger.Parse(number.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException("The addition is done, but the token may not read the number.");
    }

    /// <summary>Runs up to 1000 independent operations.</summary>
    public virtual Task<IReadOnlyList<KvOutcome>> BulkAsync(
        IEnumerable<KvOperation> operations, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        RunAsync("bulk", null, operations, idempotencyKey, cancellationToken);

    /// <summary>Runs up to 128 checks and operations as one transaction.</summary>
    /// <exception cref="KvTransactionConflictException">A check or an operation failed.</exception>
    public virtual Task<IReadOnlyList<KvOutcome>> TransactAsync(
        IEnumerable<KvCheck> checks, IEnumerable<KvOperation> operations, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        RunAsync("txn", checks, operations, idempotencyKey, cancellationToken);

    /// <summary>Reads the usage and the quota.</summary>
    public virtual async Task<KvUsage> UsageAsync(CancellationToken cancellationToken = default)
    {
        using var body = await ReadJsonAsync("usage", "api/usage", cancellationToken).ConfigureAwait(false);
        var (keys, bytes) = (body.RootElement.GetProperty("data").GetProperty("keys"), body.RootElement.GetProperty("data").GetProperty("bytes"));
        return new(keys.GetProperty("used").GetInt64(), Number(keys, "allowed"), bytes.GetProperty("used").GetInt64(), Number(bytes, "allowed"));
    }

    internal static void WriteContent(Utf8JsonWriter json, byte[]? value, KvWrite? write)
    {
        if (value is not null)
            json.WriteRaw("value", value);
        if (write?.Metadata is { } metadata)
            json.WriteRaw("metadata", JsonMarshal.GetRawUtf8Value(metadata));
        if (write?.TimeToLive is { } ttl)
            json.WriteNumber("ttl_seconds", (long)Math.Ceiling(ttl.TotalSeconds));
        if (write?.ExpiresAt is { } moment)
            json.WriteString("expires_at", moment.UtcDateTime);
    }

    private async Task<IReadOnlyList<KvOutcome>> RunAsync(
        string operation, IEnumerable<KvCheck>? checks, IEnumerable<KvOperation> operations, string? idempotencyKey, CancellationToken cancellationToken)
    {
        KvCheck[] conditions = [.. checks ?? []];
        KvOperation[] steps = [.. operations];
        using var response = await PostAsync(operation, $"api/{operation}", idempotencyKey, json =>
        {
            if (conditions.Length > 0)
                WriteChecks(json, conditions);
            json.WriteStartArray("operations");
            foreach (var step in steps)
                step.WriteTo(json);
            json.WriteEndArray();
        }, cancellationToken).ConfigureAwait(false);
        using var body = await BodyAsync(response, cancellationToken).ConfigureAwait(false);
        return [.. body.RootElement.GetProperty("data").GetProperty("results").EnumerateArray().Select(result => new KvOutcome(
            Text(result, "key"), result.GetProperty("status").GetInt32(), Number(result, "revision"), Member(result, "value"), Text(result, "code"), Text(result, "message")))];
    }

    private static void WriteChecks(Utf8JsonWriter json, KvCheck[] checks)
    {
        json.WriteStartArray("checks");
        foreach (var check in checks)
        {
            json.WriteStartObject();
            json.WriteString("key", check.Key);
            if (check.Revision is { } revision)
                json.WriteNumber("revision", revision);
            else
                json.WriteBoolean("exists", check.Exists ?? true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // Null where there is no entry.
    private async Task<HttpResponseMessage?> ReadAsync(string operation, HttpMethod method, string key, bool pastCache, CancellationToken cancellationToken)
    {
        var response = await transport.SendAsync(operation, () =>
        {
            var request = new HttpRequestMessage(method, Address(key));
            if (pastCache)
                request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
            return request;
        }, cancellationToken, HttpStatusCode.NotFound).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
            return response;

        response.Dispose();
        return null;
    }

    private async Task<KvWritten> PutAsync(string operation, string address, byte[] value, KvWrite? write, CancellationToken cancellationToken)
    {
        using var response = await transport.SendAsync(operation, () =>
        {
            var request = Conditional(new(HttpMethod.Put, address) { Content = Json.Object(json => WriteContent(json, value, write)) }, write);
            if (write?.IdempotencyKey is { } once)
                request.Headers.Add(Repetition.IdempotencyKey, once);
            return request;
        }, cancellationToken).ConfigureAwait(false);
        return new(Revision(response), response.StatusCode is HttpStatusCode.Created);
    }

    // Always with an Idempotency-Key, so that a request whose response was lost can be repeated.
    private Task<HttpResponseMessage> PostAsync(
        string operation, string path, string? idempotencyKey, Action<Utf8JsonWriter> body, CancellationToken cancellationToken)
    {
        var once = idempotencyKey ?? Guid.NewGuid().ToString("N");
        return transport.SendAsync(operation, () => new HttpRequestMessage(HttpMethod.Post, path)
        {
            Headers = { { Repetition.IdempotencyKey, once } },
            Content = Json.Object(body),
        }, cancellationToken);
    }

    internal Task<HttpResponseMessage> SendAsync(
        string operation, HttpMethod method, string path, CancellationToken cancellationToken, Action<Utf8JsonWriter>? body = null) =>
        transport.SendAsync(operation, () => new HttpRequestMessage(method, path) { Content = body is null ? null : Json.Object(body) }, cancellationToken);

    internal async Task<JsonDocument> ReadJsonAsync(string operation, string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(operation, HttpMethod.Get, path, cancellationToken).ConfigureAwait(false);
        return await BodyAsync(response, cancellationToken).ConfigureAwait(false);
    }

    internal static async Task<JsonDocument> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken) => JsonDocument.Parse(
        await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false), new JsonDocumentOptions { MaxDepth = 1024 });

    // In the query, which transports every key unchanged.
    private static string Address(string key) => $"api/data?key={Uri.EscapeDataString(key)}";

    private static HttpRequestMessage Conditional(HttpRequestMessage request, KvWrite? write)
    {
        if (write?.IfMatch is { } revision)
            request.Headers.IfMatch.Add(Tag(revision));
        else if (write?.IfExists is true)
            request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        else if (write?.IfExists is false)
            request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
        return request;
    }

    private static EntityTagHeaderValue Tag(long revision) => new(string.Create(CultureInfo.InvariantCulture, $"\"{revision}\""));

    private static long Revision(HttpResponseMessage response) =>
        long.Parse(response.Headers.ETag!.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture);

    private KvEntry<T?> Entry<T>(JsonElement data, long revision, JsonTypeInfo<T>? type)
    {
        var key = data.GetProperty("key").GetString()!;
        return new(key, values.Read(key, data, type), revision, Member(data, "metadata"), Moment(data, "expires_at"));
    }

    internal static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var member) ? member.GetString() : null;

    private static long? Number(JsonElement json, string name) => json.TryGetProperty(name, out var member) ? member.GetInt64() : null;

    private static JsonElement? Member(JsonElement json, string name) => json.TryGetProperty(name, out var member) ? member.Clone() : null;

    private static DateTimeOffset? Moment(JsonElement json, string name) => json.TryGetProperty(name, out var member) ? member.GetDateTimeOffset() : null;

    private static SocketsHttpHandler NewHandler() => new()
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // to notice DNS changes
        ConnectTimeout = TimeSpan.FromSeconds(10),
    };
}
