using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KvAspire.ServiceDefaults.Requests;

namespace KvAspire.Data.Idempotency;

/// <summary>Requests with an <c>Idempotency-Key</c> (draft-ietf-httpapi-idempotency-key-header).</summary>
internal sealed class OnceRequests
{
    /// <summary>What is said of a header that cannot be read.</summary>
    public const string Bad = "Invalid request. The Idempotency-Key must be 1 to 255 printable ASCII characters.";

    private const string Header = "Idempotency-Key";
    private const int MaxLength = 255;

    private readonly ConcurrentDictionary<(string, string), OnceKey> underWay = new();

    /// <summary>Reads the header.</summary>
    /// <returns>Whether it is absent, or one text of 1 to 255 printable ASCII characters.</returns>
    public static bool TryRead(HttpRequest request, string owner, JsonElement? body, out OnceKey? once)
    {
        once = null;
        var header = request.Headers[Header];
        if (header.Count == 0)
            return true;
        if (header.Count > 1 || header[0] is not { Length: >= 1 and <= MaxLength } key || key.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0)
            return false;

        once = new(owner, key, Part: 0, Fingerprint(request, body), MayWait: ForwardedAgain.Is(request));
        return true;
    }

    /// <summary>Says that a request is under way, until what is returned is disposed of.</summary>
    /// <exception cref="OnceRefusedException">It is under way already.</exception>
    public IDisposable Begin(OnceKey? once)
    {
        if (once is not null && !underWay.TryAdd((once.Owner, once.Key), once))
            throw new OnceRefusedException(OnceState.InProgress);
        return new Attempt(this, once);
    }

    private static byte[] Fingerprint(HttpRequest request, JsonElement? body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        foreach (var condition in request.Headers.IfMatch.Select(tag => $"If-Match {tag}\n").Concat(request.Headers.IfNoneMatch.Select(tag => $"If-None-Match {tag}\n")))
            hash.AppendData(Encoding.UTF8.GetBytes(condition));
        if (body is { } json)
            hash.AppendData(JsonMarshal.GetRawUtf8Value(json));
        return hash.GetHashAndReset();
    }

    private sealed class Attempt(OnceRequests requests, OnceKey? once) : IDisposable
    {
        public void Dispose()
        {
            if (once is not null)
                requests.underWay.TryRemove((once.Owner, once.Key), out _);
        }
    }
}
