using System.Text.Json;
using System.Text.RegularExpressions;
using KvAspire.TestKit;

namespace KvAspire.Libraries.Tests;

/// <summary><c>docs/reference/settings.md</c> lists the settings of the code, and no others.</summary>
public sealed partial class SettingsTests
{
    // Read by .NET, OpenTelemetry or service discovery, not by our code.
    private static readonly string[] OfOthers = ["ConnectionStrings:", "Kestrel:", "services:", "OTEL_", "DOTNET_"];

    private static readonly string[] Product =
        ["services", "libraries", "KvAspire.ServiceDefaults", "KvAspire.AppHost", "KvAspire.Hosting"];

    private static readonly string Sources = string.Concat(Files().Select(File.ReadAllText));

    private static readonly HashSet<string> Documented =
        [.. Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "reference", "settings.md")))
            .SelectMany(row => Code().Matches(row.Groups["names"].Value)).Select(code => Plain(code.Groups["name"].Value))];

    [Fact]
    public void Every_setting_of_the_page_exists_in_the_code()
    {
        var known = Options().Concat(OfTheAppHost()).ToHashSet();
        var unknown = Documented.Where(setting =>
            !known.Contains(setting)
            && !OfOthers.Any(prefix => setting.StartsWith(prefix, StringComparison.Ordinal))
            && !Sources.Contains($"\"{setting}", StringComparison.Ordinal));

        Assert.Empty(unknown);
    }

    [Fact]
    public void Every_option_of_the_code_is_on_the_page()
    {
        var options = Options().ToList();
        var missing = options.Except(Documented).ToList();

        Assert.True(options.Count > 50, $"Only {options.Count} options were found.");
        Assert.Empty(missing);
    }

    // As configuration names them: "Section:Name". The classes name their section before their properties.
    private static IEnumerable<string> Options()
    {
        foreach (var file in Files())
        {
            var section = "";
            foreach (var part in SectionOrProperty().Matches(File.ReadAllText(file)).Select(match => match.Groups))
            {
                if (part["section"].Success)
                    section = part["section"].Value;
                else if (section.Length > 0 && !IsGroup(part["type"].Value))
                    yield return $"{section}:{part["property"].Value}";
            }
        }
    }

    // These have options of their own. All budgets have the same two, and the page names them once.
    private static bool IsGroup(string type) =>
        type is "Budget" || (type.StartsWith("IReadOnlyList", StringComparison.Ordinal) && type is not "IReadOnlyList<string>");

    private static IEnumerable<string> OfTheAppHost()
    {
        var file = Path.Combine(Repository.Root, "KvAspire.AppHost", "appsettings.json");
        using var settings = JsonDocument.Parse(File.ReadAllText(file));
        foreach (var section in settings.RootElement.EnumerateObject())
        {
            yield return section.Name;
            if (section.Value.ValueKind is not JsonValueKind.Object)
                continue;

            foreach (var setting in section.Value.EnumerateObject())
                yield return $"{section.Name}:{setting.Name}";
        }

        foreach (var parameter in Parameter().Matches(Sources).Select(match => match.Groups["name"].Value))
            yield return $"Parameters:{parameter}";
        string[] roles = ["identitydb-migrator", "identitydb-service", "datadb-migrator", "datadb-service"];
        foreach (var account in roles.Concat(["postgres", "cache"]))
            yield return $"Parameters:{account}-password";
        foreach (var budget in Budget().Matches(Sources).Select(match => match.Groups["name"].Value))
        {
            yield return $"RateLimits:{budget}:Limit";
            yield return $"RateLimits:{budget}:Window";
        }
    }

    // Of a list, its name; of a setting that has a name to fill in, what stands before.
    private static string Plain(string setting) =>
        Index().Replace(setting.Replace("__", ":", StringComparison.Ordinal), "").Split('<')[0];

    private static IEnumerable<string> Files() =>
        Product.Select(folder => Path.Combine(Repository.Root, folder))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin" or "Migrations"));

    [GeneratedRegex(@"^\| (?<names>`[^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?<name>[A-Z]\w+((:|__)[\w…<>-]+)*|services__[\w…]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@":\d+(…n)?(?=:|$)")]
    private static partial Regex Index();

    [GeneratedRegex(
        @"Section = ""(?<section>\w+)""|Section <c>(?<section>\w+)</c>"
        + @"|public (?<type>[\w<>?\[\]]+) (?<property>\w+) \{ get; set; \}")]
    private static partial Regex SectionOrProperty();

    [GeneratedRegex(@"AddParameter\(\s*""(?<name>[\w-]+)""")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"public Budget (?<name>\w+) \{ get; set; \}")]
    private static partial Regex Budget();
}
