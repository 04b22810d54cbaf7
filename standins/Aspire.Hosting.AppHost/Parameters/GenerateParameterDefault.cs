using System.Security.Cryptography;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A random value with at least 128 bits of entropy, of the characters that are asked for.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    // Without the letters and digits that look alike, and with signs that need no quoting in URLs and connection strings.
    private const string LowerCharacters = "abcdefghjkmnpqrstuvwxyz";
    private const string UpperCharacters = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string NumericCharacters = "0123456789";
    private const string SpecialCharacters = "-_.{}~()*+!";

    /// <summary>The shortest length; more where fewer kinds of characters would fall below 128 bits.</summary>
    public int MinLength { get; set; } = 22;

    public bool Lower { get; set; } = true;

    public bool Upper { get; set; } = true;

    public bool Numeric { get; set; } = true;

    public bool Special { get; set; } = true;

    public int MinLower { get; set; }

    public int MinUpper { get; set; }

    public int MinNumeric { get; set; }

    public int MinSpecial { get; set; }

    public override string GetDefaultValue()
    {
        (bool Wanted, int Least, string Characters)[] kinds =
        [
            (Lower, MinLower, LowerCharacters),
            (Upper, MinUpper, UpperCharacters),
            (Numeric, MinNumeric, NumericCharacters),
            (Special, MinSpecial, SpecialCharacters),
        ];

        var alphabet = string.Concat(kinds.Where(k => k.Wanted).Select(k => k.Characters));
        if (alphabet.Length == 0)
            throw new InvalidOperationException("A generated parameter needs at least one kind of characters.");

        var required = string.Concat(kinds
            .Where(k => k.Wanted && k.Least > 0)
            .Select(k => RandomNumberGenerator.GetString(k.Characters, k.Least)));
        var length = Math.Max(MinLength, (int)Math.Ceiling(128 / Math.Log2(alphabet.Length)));
        var rest = RandomNumberGenerator.GetString(alphabet, Math.Max(0, length - required.Length));

        var value = (required + rest).ToCharArray();
        RandomNumberGenerator.Shuffle<char>(value);
        return new(value);
    }
}
