using System.Text.RegularExpressions;
using KvAspire.ServiceDefaults.Telemetry;
using KvAspire.TestKit;

namespace KvAspire.Libraries.Tests;

/// <summary>Compares <c>docs/reference/logs.md</c> with the log messages in the source.</summary>
public sealed partial class LogCatalogueTests
{
    private static readonly string[] Folders = ["KvAspire.AppHost", "KvAspire.Hosting", "KvAspire.ServiceDefaults", "libraries", "services"];

    [Fact]
    public void The_page_has_a_row_for_each_message_and_no_other()
    {
        var rows = Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "reference", "logs.md")))
            .Select(row => (int.Parse(row.Groups["id"].Value, System.Globalization.CultureInfo.InvariantCulture), row.Groups["name"].Value, row.Groups["level"].Value, row.Groups["text"].Value)).Order();

        Assert.Equal(Sources().SelectMany(Messages).Order(), rows);
    }

    [Fact]
    public void Each_message_has_its_events_name()
    {
        var nameless = Sources().SelectMany(text => Declaration().Matches(text)).Select(attribute => attribute.Value)
            .Where(attribute => !Message().IsMatch(attribute) || Message().Match(attribute) is var message && message.Groups["name"].Value != message.Groups["event"].Value);

        Assert.Empty(nameless); // write: EventName = nameof(EventIds.X)
    }

    private static IEnumerable<string> Sources() => Folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
        .Select(File.ReadAllText);

    private static IEnumerable<(int Id, string Name, string Level, string Text)> Messages(string source) => Message().Matches(source)
        .Select(message => message.Groups)
        .Select(parts => (
            (int)typeof(EventIds).GetField(parts["name"].Value)!.GetRawConstantValue()!, parts["name"].Value, parts["level"].Value, parts["text"].Value));

    [GeneratedRegex("""^\| (?<id>\d+) \| `(?<name>\w+)` \| (?<level>\w+) \| (?<text>[^|]+?) \| [^|]+ \|$""", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\[LoggerMessage\([^\]]*")]
    private static partial Regex Declaration();

    [GeneratedRegex("""\[LoggerMessage\(EventIds\.(?<name>\w+), LogLevel\.(?<level>\w+), "(?<text>[^"]*)", EventName = nameof\(EventIds\.(?<event>\w+)\)\)""")]
    private static partial Regex Message();
}
