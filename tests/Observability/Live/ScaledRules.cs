using System.Globalization;
using System.Text.RegularExpressions;

namespace KvAspire.Observability.Tests.Live;

/// <summary>The kit's rules in a time that is <see cref="Factor"/> times faster: an hour is a minute.</summary>
internal static partial class ScaledRules
{
    /// <summary>How much faster time goes.</summary>
    public const int Factor = 60;

    /// <summary>Divides every window, every <c>for</c>, and the day of a forecast.</summary>
    public static string Scale(string rules)
    {
        var scaled = Duration().Replace(rules, match => match.Groups["before"].Value + Scaled(match.Groups["number"].Value, match.Groups["unit"].Value));
        return scaled.Replace("86400", (86_400 / Factor).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    private static string Scaled(string number, string unit)
    {
        var seconds = unit switch { "s" => 1, "m" => 60, "h" => 3_600, _ => 86_400 };
        return string.Create(CultureInfo.InvariantCulture, $"{long.Parse(number, CultureInfo.InvariantCulture) * seconds * 1_000 / Factor}ms");
    }

    [GeneratedRegex(@"(?<before>\[|for: )(?<number>\d+)(?<unit>[smhd])\b")]
    private static partial Regex Duration();
}
