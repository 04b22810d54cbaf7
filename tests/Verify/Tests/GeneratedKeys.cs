using System.Text;

namespace KvAspire.Verify.Tests;

/// <summary>Keys of all kinds that the grammar allows.</summary>
internal static class GeneratedKeys
{
    private const int MaxBytes = 512;

    private static readonly string[] Pieces =
    [
        "a", "Z", "0", "key", "users/42", "/", "//", "/./", "/../", ".", "..", "...", "%", "%%", "%41", "%2F", "%2f", "%252F", "%00", "%zz",
        " ", "  ", "+", "\"", "'", "`", "\\", "\\u0041", "?", "#", "&", "=", ";", ":", "@", ",", "!", "$", "*", "(", ")", "<", ">", "{", "}", "[",
        "]", "|", "^", "~", "-", "_", "é", "e\u0301", "a\u0323\u0307", "ß", "İ", "ﬁ", "漢字", "한", "😀", "👩‍👩‍👧", "🇩🇪", "\U0010fffd", "שלום", "مرحبا",
        "\u202eabc\u202c", "\u200f", "\ufeff", "\u00a0", "\u2028", "\u200d", "\ufffd", "null", "key=value", "../../etc/passwd", "http://x/y",
    ];

    /// <summary>Generates distinct keys.</summary>
    public static IReadOnlyCollection<string> Take(int count, int seed)
    {
        var random = new Random(seed);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (keys.Count < count)
        {
            var key = Next(random);
            if (key is not ("" or "." or "..") && Encoding.UTF8.GetByteCount(key) <= MaxBytes)
                keys.Add(key);
        }

        return keys;
    }

    private static string Next(Random random)
    {
        var key = new StringBuilder();
        for (var pieces = random.Next(1, 9); pieces > 0; pieces--)
            key.Append(Pieces[random.Next(Pieces.Length)]);

        // One in ten has the maximum length.
        if (random.Next(10) == 0)
            key.Append(random.Next(2) == 0 ? 'k' : 'x', Math.Max(0, MaxBytes - Encoding.UTF8.GetByteCount(key.ToString())));
        return key.ToString();
    }
}
