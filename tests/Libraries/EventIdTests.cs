using System.Text.RegularExpressions;
using KvAspire.ServiceDefaults.Telemetry;
using KvAspire.TestKit;

namespace KvAspire.Libraries.Tests;

/// <summary>
/// Compares the log messages in the source with <see cref="EventIds"/>. The clients number the messages of their category themselves:
/// they run in the applications of users.
/// </summary>
public sealed partial class EventIdTests
{
    private static readonly string[] Folders = ["KvAspire.AppHost", "KvAspire.Hosting", "KvAspire.ServiceDefaults", "libraries", "services"];

    [Fact]
    public void No_two_event_ids_are_equal() =>
        Assert.Distinct(typeof(EventIds).GetFields().Select(id => (int)id.GetRawConstantValue()!));

    [Fact]
    public void Each_log_message_has_its_own_event_id_from_the_list()
    {
        var arguments = Folders
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Message().Matches(File.ReadAllText(file)))
            .Select(message => message.Groups["id"].Value);

        Assert.Equal(typeof(EventIds).GetFields().Select(id => $"EventIds.{id.Name}").Order(StringComparer.Ordinal), arguments.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"LoggerMessage\((?<id>[^,)]*)")]
    private static partial Regex Message();
}
