using KvAspire.Identity.Text;

namespace KvAspire.Identity.Passwords;

/// <summary>Whether a password can be guessed from a name: it is the name with little added or changed.</summary>
internal static class Resemblance
{
    // A name of one or two letters is part of many a good password.
    private const int MinName = 3;

    // With less than this around the name, the name is all that there is to guess.
    private const int MinOwn = 5;

    private const int MaxEdits = 2, MinNameForEdits = 6;

    /// <summary>Compares letters and digits alone, without regard to case.</summary>
    public static bool IsNear(string password, string name)
    {
        var (own, known) = (Fold(password), Fold(name));
        if (known.Length < MinName)
            return false;

        var reversed = new string([.. known.Reverse()]);
        return Wraps(own, known) || Wraps(own, reversed)
            || (known.Length >= MinNameForEdits && Edits(own, known) <= MaxEdits);
    }

    private static string Fold(string text) => new([.. Nfkc.Normalize(text).ToLowerInvariant().Where(char.IsLetterOrDigit)]);

    private static bool Wraps(string password, string name) =>
        password.Length - name.Length < MinOwn && password.Contains(name, StringComparison.Ordinal);

    // The Levenshtein distance, row by row.
    private static int Edits(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > MaxEdits)
            return int.MaxValue;

        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var current = new int[b.Length + 1];
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(replace, Math.Min(previous[j], current[j - 1]) + 1);
            }

            previous = current;
        }

        return previous[b.Length];
    }
}
