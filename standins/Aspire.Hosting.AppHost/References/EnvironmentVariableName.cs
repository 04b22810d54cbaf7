using System.Text.RegularExpressions;

namespace Aspire.Hosting;

internal static partial class EnvironmentVariableName
{
    /// <summary>Every sign that a shell would not take in a name becomes an underscore.</summary>
    public static string Encode(string name)
    {
        var encoded = Unfit.Replace(name, "_");
        return char.IsAsciiDigit(encoded[0]) ? "_" + encoded : encoded;
    }

    [GeneratedRegex("[^a-zA-Z0-9_]")]
    private static partial Regex Unfit { get; }
}
