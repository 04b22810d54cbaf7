using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Settings;

/// <summary>Settings that are lists of texts: <c>Name__0</c>, <c>Name__1</c>, and so on.</summary>
internal static class SettingList
{
    /// <summary>The texts of a list, each with its place; what is empty is left out.</summary>
    /// <exception cref="OptionsValidationException">It is one text, which would bind to an empty list and leave the operator to wonder.</exception>
    public static IReadOnlyList<IConfigurationSection> Read(IConfiguration configuration, string name)
    {
        var list = configuration.GetSection(name);
        if (!string.IsNullOrEmpty(list.Value))
        {
            var first = $"{name.Replace(":", "__", StringComparison.Ordinal)}__0";
            throw new OptionsValidationException(name, typeof(SettingList), [$"{name} is a list: set {first} to \"{list.Value}\"."]);
        }

        return [.. list.GetChildren().Where(text => !string.IsNullOrEmpty(text.Value))];
    }
}
