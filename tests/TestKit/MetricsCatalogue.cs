using System.Text.RegularExpressions;
using Xunit;

namespace KvAspire.TestKit;

/// <summary>The rows of our own instruments in <c>docs/reference/telemetry.md</c>.</summary>
public static partial class MetricsCatalogue
{
    private static readonly Dictionary<string, string> Types = new() { ["C"] = "Counter", ["G"] = "Gauge", ["H"] = "Histogram" };

    /// <summary>All rows.</summary>
    public static IReadOnlyList<Row> Rows { get; } =
        [.. OfOurs().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "reference", "telemetry.md"))).Select(match => new Row(
            match.Groups["name"].Value, Types[match.Groups["type"].Value], match.Groups["unit"].Value, match.Groups["services"].Value.Split(' '),
            Code().Matches(match.Groups["attributes"].Value).ToDictionary(
                attribute => attribute.Groups["name"].Value,
                attribute => attribute.Groups["values"].Success ? attribute.Groups["values"].Value.Split(", ") : [])))];

    /// <summary>
    /// Asserts that the instruments of a service that measured something are those of the page, with the same type, unit and attributes,
    /// and that all values of attributes are listed where the page lists any.
    /// </summary>
    /// <param name="service">G, I or D.</param>
    /// <param name="emitted">What the service measured.</param>
    public static void AssertIs(string service, IReadOnlyDictionary<string, InstrumentRecorder.Heard> emitted)
    {
        Assert.True(Rows.Count > 35, $"Only {Rows.Count} rows were found.");
        var documented = Rows.Where(row => row.Services.Contains(service)).ToList();
        Assert.Equal(
            documented.Select(row => $"{row.Name} {row.Type} {row.Unit}").Order(StringComparer.Ordinal),
            emitted.Select(one => $"{one.Key} {one.Value.Type} {one.Value.Unit}").Order(StringComparer.Ordinal));
        foreach (var row in documented)
        {
            var heard = emitted[row.Name].Attributes;
            Assert.True(row.Attributes.Keys.Order().SequenceEqual(heard.Keys.Order()), $"{row.Name} has {string.Join(", ", heard.Keys)}");
            foreach (var (attribute, values) in row.Attributes.Where(attribute => attribute.Value.Length > 0))
                Assert.Empty(heard[attribute].Keys.Except(values));
        }
    }

    /// <summary>A row of the page.</summary>
    public sealed record Row(string Name, string Type, string Unit, string[] Services, Dictionary<string, string[]> Attributes);

    [GeneratedRegex(
        @"^\| `(?<name>kvaspire\.[\w.]+)` \| (?<type>[CGH]), (?<unit>\S+) \| (?<services>[GID ]+?) \|(?<attributes>[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex OfOurs();

    [GeneratedRegex(@"`(?<name>\w+)`( = (?<values>[\w-]+(, [\w-]+)*))?")]
    private static partial Regex Code();
}
