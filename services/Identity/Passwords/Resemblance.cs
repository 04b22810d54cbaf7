using KvAspire.Identity.Text;

namespace KvAspire.Identity.Passwords;

/// <summary>Tells whether a password can be guessed from a name, because little was added or changed.</summary>
internal static class Resemblance
{
    // Many good passwords contain a name of one or two letters.
    private const int MinName = 3;

    // With fewer characters around the name, guessing the name is enough.
    private const int MinOwn = 5;

    private const int MaxEdits = 2, MinNameForEdits = 6;

    /// <summary>Compares letters and digits only, ignoring case.</summary>
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
