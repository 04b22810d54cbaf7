using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace KvAspire.ServiceDefaults.Tokens;

/// <summary>What this process knows of tokens, by their SHA-256, so that the tokens themselves lie nowhere.</summary>
/// <remarks>
/// Bounded by two generations: when the young one is full it becomes the old one, and what is used again moves over. So
/// the most recently used half at least is kept, without a list to keep in order.
/// </remarks>
public sealed class TokenCache<T>(int capacity)
    where T : class
{
    private readonly int generationSize = Math.Max(1, capacity / 2);
    private readonly Lock turnOver = new();
    private volatile ConcurrentDictionary<TokenHash, T> young = new(), old = new();
    private int youngCount;

    /// <summary>How much is kept.</summary>
    public int Count => young.Count + old.Count;

    /// <summary>What is known of a token, or null.</summary>
    public T? Find(ReadOnlySpan<char> token) => Find(TokenHash.Of(token));

    /// <summary>What is known of a token in UTF-8, or null.</summary>
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

    /// <summary>Keeps what is known of a token, in the place of what was.</summary>
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

        // Any part of a SHA-256 is as good as a hash gets.
        public override int GetHashCode() => (int)A;
    }
}
