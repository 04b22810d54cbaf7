using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KvAspire.GatewayProtocol;

namespace KvAspire.Data.Idempotency;

/// <summary>Requests with an <c>Idempotency-Key</c> (draft-ietf-httpapi-idempotency-key-header).</summary>
internal sealed class IdempotentRequests
{
    public const string Bad = "Invalid request. The Idempotency-Key must be 1 to 255 printable ASCII characters.";

    private const string Header = "Idempotency-Key";
    private const int MaxLength = 255;

    private readonly ConcurrentDictionary<(string, string), IdempotencyKey> underWay = new();

    /// <summary>Reads the header.</summary>
    /// <returns>False if the header is not one text of 1 to 255 printable ASCII characters.</returns>
    public static bool TryRead(HttpRequest request, string owner, JsonElement? body, out IdempotencyKey? idempotency)
    {
        idempotency = null;
        var header = request.Headers[Header];
        if (header.Count == 0)
            return true;
        if (header.Count > 1 || header[0] is not { Length: >= 1 and <= MaxLength } key || key.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0)
            return false;

        idempotency = new(
            owner, key, Part: 0, Fingerprint(request, body), FingerprintBefore(request, body), ForwardedAgain.Is(request));
        return true;
    }

    /// <summary>Marks a request as running until the result is disposed.</summary>
    /// <exception cref="IdempotencyRefusedException">The request is already running on this replica.</exception>
    public IDisposable Begin(IdempotencyKey? idempotency)
    {
        if (idempotency is not null && !underWay.TryAdd((idempotency.Owner, idempotency.Key), idempotency))
            throw new IdempotencyRefusedException(IdempotencyState.InProgress);
        return new Attempt(this, idempotency);
    }

    // The same JSON in another order of members is the same request.
    private static byte[] Fingerprint(HttpRequest request, JsonElement? body)
    {
        using var hash = HashOfHead(request);
        if (body is { } json)
            CanonicalJson.Append(hash, json);
        return hash.GetHashAndReset();
    }

    private static byte[] FingerprintBefore(HttpRequest request, JsonElement? body)
    {
        using var hash = HashOfHead(request);
        if (body is { } json)
            hash.AppendData(JsonMarshal.GetRawUtf8Value(json));
        return hash.GetHashAndReset();
    }

    private static IncrementalHash HashOfHead(HttpRequest request)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        foreach (var tag in request.Headers.IfMatch)
            hash.AppendData(Encoding.UTF8.GetBytes($"If-Match {tag}\n"));
        foreach (var tag in request.Headers.IfNoneMatch)
            hash.AppendData(Encoding.UTF8.GetBytes($"If-None-Match {tag}\n"));
        return hash;
    }

    private sealed class Attempt(IdempotentRequests requests, IdempotencyKey? idempotency) : IDisposable
    {
        public void Dispose()
        {
            if (idempotency is not null)
                requests.underWay.TryRemove((idempotency.Owner, idempotency.Key), out _);
        }
    }
}
