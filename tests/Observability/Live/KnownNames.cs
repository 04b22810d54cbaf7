using System.Text.RegularExpressions;
using KvAspire.TestKit;

namespace KvAspire.Observability.Tests.Live;

/// <summary>The metrics of the catalogue, by the names that Prometheus gives them.</summary>
internal static partial class KnownNames
{
    // A label; and what Npgsql counts only after a failure, or a wait for a connection.
    private static readonly string[] Others = ["db_client_connection_state", "db_client_operation_failed_total", "db_client_connection_npgsql_pending_requests"];

    /// <summary>The names in an expression that look like metrics of the system.</summary>
    public static IEnumerable<string> In(string expression) =>
        Metric().Matches(expression).Select(match => match.Value).Distinct().Except(Others);

    /// <summary>Whether docs/reference/telemetry.md has the metric.</summary>
    public static bool InCatalogue(string metric) => Catalogue.Value.Any(name => metric.StartsWith(name, StringComparison.Ordinal));

    private static readonly Lazy<string[]> Catalogue = new(() =>
        [.. Documented().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "reference", "telemetry.md"))).Select(match => match.Groups["name"].Value.Replace('.', '_'))]);

    [GeneratedRegex(@"\b(kvaspire|http_server|kestrel|db_client|dotnet|resilience_polly)_\w+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"^\| `(?<name>kvaspire\.[\w.]+)`", RegexOptions.Multiline)]
    private static partial Regex Documented();
}
