using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Terminal;

/// <summary>All processes and what is inside of them, as plain text: name, state, address.</summary>
internal static class ResourceTable
{
    public static string Of(IEnumerable<ResourceEvent> resources)
    {
        (string Name, string State, string Url)[] rows =
        [
            ("RESOURCE", "STATE", "URL"),
            .. resources.Where(e => e.Resource is not ParameterResource).Select(e => (e.ResourceId, State(e.Snapshot), Url(e.Snapshot))),
        ];
        var (name, state) = (rows.Max(r => r.Name.Length), rows.Max(r => r.State.Length));
        return rows.Aggregate(
            new StringBuilder(),
            (table, row) => table.AppendLine($"{row.Name.PadRight(name)}  {row.State.PadRight(state)}  {row.Url}".TrimEnd())).ToString();
    }

    private static string State(CustomResourceSnapshot snapshot) => snapshot switch
    {
        { ExitCode: { } code and not 0 } => $"{snapshot.State?.Text} ({code})",
        { HealthStatus: { } health } => $"{snapshot.State?.Text}, {health.ToString().ToLowerInvariant()}",
        _ => snapshot.State?.Text ?? "",
    };

    private static string Url(CustomResourceSnapshot snapshot) =>
        string.Join(" ", snapshot.Urls.Where(url => !url.IsInternal).Select(url => url.Url));
}
