using System.Security.Claims;
using System.Text;
using KvAspire.TokenChecking;

namespace KvAspire.Data.Listing;

/// <summary>
/// The keys from <paramref name="From"/> to <paramref name="To"/>, exclusive, in the order of their bytes. UTF-8 sorts by code
/// points, so bounds can be made of characters, and remain valid text for Postgres.
/// </summary>
internal readonly record struct KeyRange(string From, string To)
{
    private const int Last = 0x10FFFF;

    // Follows every key: one character longer than the longest key of the last character alone.
    private static readonly string End = string.Concat(Enumerable.Repeat(char.ConvertFromUtf32(Last), (Entries.EntryKey.MaxBytes / 4) + 1));

    /// <summary>The keys with a prefix; all keys for an empty prefix.</summary>
    public static KeyRange WithPrefix(string prefix) => new(prefix, Following(prefix) ?? End);

    /// <summary>The keys with a prefix that the caller may access: a token can be limited by <c>kv_prefix</c>.</summary>
    public static KeyRange Allowed(string prefix, ClaimsPrincipal caller) =>
        caller.Token.KeyPrefix is { } allowed ? WithPrefix(prefix).And(WithPrefix(allowed)) : WithPrefix(prefix);

    public bool IsEmpty => Compare(From, To) >= 0;

    /// <summary>The intersection of both.</summary>
    public KeyRange And(KeyRange other) =>
        new(Compare(From, other.From) >= 0 ? From : other.From, Compare(To, other.To) <= 0 ? To : other.To);

    /// <summary>Whether a text lies in the range, or is its end.</summary>
    public bool Reaches(string position) => Compare(From, position) <= 0 && Compare(position, To) <= 0;

    public bool Contains(string key) => Compare(From, key) <= 0 && Compare(key, To) < 0;

    /// <summary>The first text after a key that can be another key: no key has a character before U+0020.</summary>
    public static string After(string key) => key + '\u0001';

    /// <summary>The first text after all texts with this prefix; null if there is none.</summary>
    public static string? Following(string prefix)
    {
        var length = prefix.Length;
        while (length > 0)
        {
            _ = Rune.DecodeLastFromUtf16(prefix.AsSpan(0, length), out var last, out var width);
            length -= width;
            if (last.Value < Last)
                return prefix[..length] + new Rune(last.Value is 0xD7FF ? 0xE000 : last.Value + 1); // skips the surrogates
        }

        return null;
    }

    // By code points. Ordinal comparison goes by UTF-16 units, which puts U+E000..U+FFFF after the surrogate pairs.
    private static int Compare(string one, string other)
    {
        var common = one.AsSpan().CommonPrefixLength(other);
        if (common == one.Length || common == other.Length)
            return one.Length - other.Length;

        var (a, b) = (one[common], other[common]);
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a - b : char.IsSurrogate(a) ? 1 : -1;
    }
}
