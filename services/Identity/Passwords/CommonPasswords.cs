using System.Text;

namespace KvAspire.Identity.Passwords;

/// <summary>
/// The passwords that attackers try first: those of <c>common-passwords.txt</c> with their usual variations, and runs of
/// characters.
/// </summary>
internal sealed class CommonPasswords
{
    private const int MaxUnit = 4;

    // Signs and digits, and the letters that they stand for.
    private const string Signs = "013457@$!", Letters = "oieastasi";

    private static readonly string[] Walks =
    [
        "abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm",
        "azertyuiopqsdfghjklmwxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
        "qazwsxedcrfvtgbyhnujmikolp", "!@#$%^&*()",
    ];

    private readonly HashSet<string> words = [.. ReadWords()];

    /// <summary>Whether the normalized password is one of them.</summary>
    public bool Contains(string password)
    {
        var plain = password.ToLowerInvariant();
        return Dressings(plain).Any(words.Contains) || IsWalk(plain) || IsRepetition(plain);
    }

    // A line for each word; # begins a comment.
    internal static IEnumerable<string> ReadWords()
    {
        using var stream = typeof(CommonPasswords).Assembly.GetManifestResourceStream("common-passwords.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
                yield return line;
        }
    }

    // The password itself and without its affixes, each also with the usual letters for digits and signs. A word with more
    // affixes than letters is not what makes the password.
    private static IEnumerable<string> Dressings(string password)
    {
        var bare = password.AsSpan().TrimEnd("0123456789!?.,*_-+#@$%& ").TrimStart("0123456789!?.,*_-+#@$%& ").ToString();
        return bare.Length * 2 >= password.Length
            ? [password, bare, Plain(password), Plain(bare)]
            : [password, Plain(password)];
    }

    private static string Plain(string dressed)
    {
        var plain = new StringBuilder(dressed);
        foreach (var (sign, letter) in Signs.Zip(Letters))
            plain.Replace(sign, letter);
        return plain.ToString();
    }

    private static bool IsWalk(string password)
    {
        var reversed = new string([.. password.Reverse()]);
        return Walks.Any(walk => walk.Contains(password, StringComparison.Ordinal) || walk.Contains(reversed, StringComparison.Ordinal));
    }

    // A few characters, or a common password, repeated.
    private bool IsRepetition(string password)
    {
        for (var unit = 1; unit <= password.Length / 2; unit++)
        {
            if (password.AsSpan(unit).SequenceEqual(password.AsSpan(0, password.Length - unit)))
                return unit <= MaxUnit || Dressings(password[..unit]).Any(words.Contains) || IsWalk(password[..unit]);
        }

        return false;
    }
}
