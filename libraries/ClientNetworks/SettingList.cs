using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KvAspire.ClientNetworks;

/// <summary>Reads settings that are lists: <c>Name__0</c>, <c>Name__1</c>, and so on.</summary>
public static class SettingList
{
    /// <summary>The items of a list, without empty ones.</summary>
    /// <exception cref="OptionsValidationException">The setting is one text, which would bind to an empty list.</exception>
    public static IReadOnlyList<IConfigurationSection> Read(IConfiguration configuration, string name)
    {
        var list = configuration.GetSection(name);
        if (!string.IsNullOrEmpty(list.Value))
        {
            var first = $"{name.Replace(":", "__", StringComparison.Ordinal)}__0";
            throw new OptionsValidationException(name, typeof(SettingList), [$"{name} is a list: set {first} to \"{list.Value}\"."]);
        }

        return [.. list.GetChildren().Where(item => !string.IsNullOrEmpty(item.Value))];
    }
}
