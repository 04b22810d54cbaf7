using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace KvAspire.TokenChecking;

/// <summary>
/// Caches checked tokens. Each use checks again what can change: the clock, the revocations, the published keys. Failures are not
/// cached, so that invalid tokens cannot evict valid ones.
/// </summary>
public sealed class CheckedTokens(
    TokenValidator validator, ITokenKeySource keys, RevocationList revocations, IOptions<AccessTokenOptions> options, TimeProvider clock)
{
    private readonly TokenCache<Entry> known = new(options.Value.CachedTokens);

    /// <summary>The number of cached tokens.</summary>
    public int Count => known.Count;

    /// <summary>The user of a cached token that is still valid; null where the token must be checked.</summary>
    internal ClaimsPrincipal? FindUser(ReadOnlySpan<char> token) =>
        token.Length <= TokenValidator.MaxTokenLength ? Good(known.Find(token))?.User : null;

    /// <summary>The identity of a cached token, in UTF-8, that is still valid; null where the token must be checked.</summary>
    public AccessTokenIdentity? FindIdentity(ReadOnlySpan<byte> token) =>
        token.Length <= TokenValidator.MaxTokenLength ? Good(known.Find(token))?.Token.Identity : null;

    /// <summary>Whether a cached token is no longer valid.</summary>
    public bool HasEnded(string token) => known.Find(token) is { } entry && !IsInForce(entry);

    /// <summary>Checks a token in full, and caches a valid one.</summary>
    /// <returns>The identity, or null where the token is not valid.</returns>
    /// <exception cref="TokenKeysUnavailableException">No keys are known.</exception>
    public async Task<AccessTokenIdentity?> CheckAsync(string token, CancellationToken cancellationToken) =>
        (await JudgeAsync(token, cancellationToken)).Identity;

    /// <summary>The same, with the reason where the token is not valid.</summary>
    internal async Task<TokenVerdict> JudgeAsync(string token, CancellationToken cancellationToken)
    {
        var (valid, refusal) = await validator.ValidateAsync(token, cancellationToken);
        if (valid is null)
            return new(null, refusal);

        var entry = new Entry(valid);
        if (!IsInForce(entry))
            return new(null, TokenRefusal.Revoked); // the validator has just checked the clock

        known.Keep(token, entry);
        return new(valid.Identity, null);
    }

    private Entry? Good(Entry? entry) => entry is not null && entry.Token.Keys == keys.Known && IsInForce(entry) ? entry : null;

    private bool IsInForce(Entry entry)
    {
        var token = entry.Token.Identity;
        if (token.ExpiresAt <= clock.GetUtcNow().ToUnixTimeSeconds() - TokenValidator.ClockSkew)
            return false;

        var version = revocations.Version;
        if (entry.ClearedAt == version)
            return true;
        if (revocations.Covers(token.TokenId, token.SessionId, token.Subject, token.IssuedAt))
            return false;

        entry.ClearedAt = version;
        return true;
    }

    private sealed class Entry(CheckedToken token)
    {
        private long clearedAt = -1;

        public CheckedToken Token => token;

        // The version of the revocation list that did not contain the token.
        public long ClearedAt
        {
            get => Volatile.Read(ref clearedAt);
            set => Volatile.Write(ref clearedAt, value);
        }

        public ClaimsPrincipal User { get; } = new(token.Identity);
    }
}

/// <summary>A bounded cache with tokens as keys. It stores their SHA-256, never the tokens.</summary>
/// <remarks>
/// Two generations: when the young one is full it replaces the old one, and a hit in the old one moves to the young one. So at
/// least the most recently used half stays cached, without an ordered list.
/// </remarks>
public sealed class TokenCache<T>(int capacity)
    where T : class
{
    private readonly int generationSize = Math.Max(1, capacity / 2);
    private readonly Lock turnOver = new();
    private volatile ConcurrentDictionary<TokenHash, T> young = new(), old = new();
    private int youngCount;

    /// <summary>The number of cached tokens.</summary>
    public int Count => young.Count + old.Count;

    /// <summary>The cached value of a token, or null.</summary>
    public T? Find(ReadOnlySpan<char> token) => Find(TokenHash.Of(token));

    /// <inheritdoc cref="Find(ReadOnlySpan{char})"/>
    public T? Find(ReadOnlySpan<byte> token) => Find(TokenHash.Of(token));

    private T? Find(TokenHash hash)
    {
        if (young.TryGetValue(hash, out var known))
            return known;
        if (!old.TryGetValue(hash, out known))
            return null;

        Keep(hash, known);
        return known;
    }

    /// <summary>Adds or replaces the value of a token.</summary>
    public void Keep(string token, T known) => Keep(TokenHash.Of(token), known);

    private void Keep(TokenHash hash, T known)
    {
        if (!young.TryAdd(hash, known))
        {
            young[hash] = known;
            return;
        }

        if (Interlocked.Increment(ref youngCount) <= generationSize)
            return;

        lock (turnOver)
        {
            if (Volatile.Read(ref youngCount) <= generationSize)
                return;

            old = young;
            young = new();
            Volatile.Write(ref youngCount, 0);
        }
    }

    private readonly record struct TokenHash(long A, long B, long C, long D)
    {
        private const int OnTheStack = 2048;

        public static TokenHash Of(ReadOnlySpan<char> token)
        {
            Span<byte> stack = stackalloc byte[OnTheStack];
            return Of(Encoding.UTF8.TryGetBytes(token, stack, out var length) ? stack[..length] : Encoding.UTF8.GetBytes(token.ToArray()));
        }

        public static TokenHash Of(ReadOnlySpan<byte> bytes)
        {
            Span<long> hash = stackalloc long[4];
            SHA256.HashData(bytes, MemoryMarshal.AsBytes(hash));
            return new(hash[0], hash[1], hash[2], hash[3]);
        }

        // Every part of a SHA-256 is uniformly distributed.
        public override int GetHashCode() => (int)A;
    }
}
