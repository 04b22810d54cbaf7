using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Npgsql;

namespace KvAspire.Database;

/// <summary>
/// Names the spans of statements by OpenTelemetry's conventions for databases: <c>SELECT kv_write_4</c> instead of
/// <c>postgresql</c>.
/// </summary>
public static partial class StatementSpans
{
    // All texts of our own are far fewer. Texts beyond have the general name.
    private const int MaxKnown = 2_000;

    private static readonly ConcurrentDictionary<string, Summary> Known = [];

    /// <summary>Configures the spans of a data source.</summary>
    public static void Configure(NpgsqlTracingOptionsBuilder tracing) => tracing
        .ConfigureCommandSpanNameProvider(static command => IsRecorded ? SummaryOf(command.CommandText).Text : null)
        .ConfigureCommandEnrichmentCallback(static (span, command) => Describe(span, SummaryOf(command.CommandText)))
        .ConfigureBatchSpanNameProvider(static batch => IsRecorded ? SummaryOf(batch.BatchCommands[0].CommandText).Text : null)
        .ConfigureBatchEnrichmentCallback(static (span, batch) =>
        {
            Describe(span, SummaryOf(batch.BatchCommands[0].CommandText));
            if (batch.BatchCommands.Count > 1)
                span.SetTag("db.operation.batch.size", batch.BatchCommands.Count);
        })
        .EnableFirstResponseEvent(false);

    /// <summary>The operation and the first table or function of a statement.</summary>
    internal static string TextOf(string statement) => Summarize(statement).Text;

    // Npgsql asks for the name of each command's span before the sampler decides.
    private static bool IsRecorded => Activity.Current is null or { Recorded: true };

    private static void Describe(Activity span, Summary summary)
    {
        if (!span.IsAllDataRequested)
            return;

        span.SetTag("db.operation.name", summary.Operation);
        span.SetTag("db.query.summary", summary.Text);
    }

    private static Summary SummaryOf(string statement) =>
        Known.TryGetValue(statement, out var known) ? known
        : Known.Count >= MaxKnown ? Summary.General
        : Known.GetOrAdd(statement, Summarize);

    private static Summary Summarize(string statement)
    {
        var operation = Operation().Match(statement) is { Success: true } first ? first.Groups[1].Value.ToUpperInvariant() : "";
        var target = Table().Match(statement) is { Success: true } table ? table : Function().Match(statement);
        return operation.Length == 0 ? Summary.General
            : new(operation, target.Success ? $"{operation} {target.Groups[1].Value.Replace("\"", "", StringComparison.Ordinal)}" : operation);
    }

    private sealed record Summary(string Operation, string Text)
    {
        public static readonly Summary General = new("", "postgresql");
    }

    // After comments, and after WITH the statement that it begins with.
    [GeneratedRegex(@"^(?:\s|--[^\n]*\n)*(?:WITH\b.*?\b(?=SELECT|INSERT|UPDATE|DELETE))?([a-z]+)", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Operation();

    [GeneratedRegex(@"(?<!\bextract\(\w+\s+|\bDISTINCT\s+|\bFOR\s+)\b(?:FROM|JOIN|INTO|UPDATE|LISTEN|TABLE)\s+(?!SKIP\b|SET\b|SELECT\b|LATERAL\b)([a-z_""][\w"".]*)", RegexOptions.IgnoreCase)]
    private static partial Regex Table();

    [GeneratedRegex(@"\bSELECT\s+(?:EXISTS\s*\(\s*SELECT\s+)?([a-z_]\w*)\(", RegexOptions.IgnoreCase)]
    private static partial Regex Function();
}
