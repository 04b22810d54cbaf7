using System.Security.Claims;
using System.Text;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Data.Listing;

/// <summary>
/// Keys from <paramref name="From"/> up to, and without, <paramref name="To"/>, in the order of their bytes. UTF-8 sorts by
/// code points, so that bounds can be made of characters, and stay text that Postgres takes.
/// </summary>
internal readonly record struct KeyRange(string From, string To)
{
    private const int Last = 0x10FFFF;

    // Longer by one character than the longest key that consists of the last one alone, and so after every key.
    private static readonly string End = string.Concat(Enumerable.Repeat(char.ConvertFromUtf32(Last), (Entries.EntryKey.MaxBytes / 4) + 1));

    /// <summary>The keys that begin with a text; all keys for an empty one.</summary>
    public static KeyRange WithPrefix(string prefix) => new(prefix, Following(prefix) ?? End);

    /// <summary>Those of them that a token gives access to: one that was made for some keys only says so in <c>kv_prefix</c>.</summary>
    public static KeyRange Allowed(string prefix, ClaimsPrincipal user) =>
        user.Token.KeyPrefix is { } allowed ? WithPrefix(prefix).And(WithPrefix(allowed)) : WithPrefix(prefix);

    /// <summary>Whether there can be no key in it.</summary>
    public bool IsEmpty => Compare(From, To) >= 0;

    /// <summary>What is in both.</summary>
    public KeyRange And(KeyRange other) =>
        new(Compare(From, other.From) >= 0 ? From : other.From, Compare(To, other.To) <= 0 ? To : other.To);

    /// <summary>Whether a text lies in it, or is its end.</summary>
    public bool Reaches(string position) => Compare(From, position) <= 0 && Compare(position, To) <= 0;

    /// <summary>Whether a key lies in it.</summary>
    public bool Contains(string key) => Compare(From, key) <= 0 && Compare(key, To) < 0;

    /// <summary>The first text after a key that could be another one: no key has a character before U+0020.</summary>
    public static string After(string key) => key + '\u0001';

    /// <summary>The first text after all those that begin with this one, or null where there is none.</summary>
    public static string? Following(string prefix)
    {
        var length = prefix.Length;
        while (length > 0)
        {
            _ = Rune.DecodeLastFromUtf16(prefix.AsSpan(0, length), out var last, out var width);
            length -= width;
            if (last.Value < Last)
                return prefix[..length] + new Rune(last.Value is 0xD7FF ? 0xE000 : last.Value + 1); // the surrogates are no characters
        }

        return null;
    }

    // By code points. Ordinal comparison goes by UTF-16 units, which has U+E000..U+FFFF after the surrogate pairs.
    private static int Compare(string one, string other)
    {
        var common = one.AsSpan().CommonPrefixLength(other);
        if (common == one.Length || common == other.Length)
            return one.Length - other.Length;

        var (a, b) = (one[common], other[common]);
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a - b : char.IsSurrogate(a) ? 1 : -1;
    }
}
