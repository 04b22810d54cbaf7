namespace Aspire.Hosting.ApplicationModel;

internal static class ResourceName
{
    public static readonly StringComparer Comparer = StringComparer.OrdinalIgnoreCase;

    /// <summary>Letters, digits and single hyphens, starting with a letter, 1 to 64: names end up in URLs and variables.</summary>
    public static void Validate(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var valid = name.Length <= 64
            && char.IsAsciiLetter(name[0])
            && name[^1] != '-'
            && !name.Contains("--", StringComparison.Ordinal)
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
        if (!valid)
        {
            throw new ArgumentException(
                $"Resource name '{name}' is invalid. Use 1 to 64 ASCII letters, digits and single hyphens, starting with a letter.",
                nameof(name));
        }
    }
}
