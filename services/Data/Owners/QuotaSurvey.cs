using System.Diagnostics.Metrics;
using KvAspire.Data.Database;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Telemetry.Metrics;
using Microsoft.Extensions.Options;
using Npgsql;

namespace KvAspire.Data.Owners;

/// <summary>Counts the owners by how much of their quota they use: of keys or of bytes, whichever is more.</summary>
internal sealed class QuotaSurvey : Survey
{
    private static readonly KeyValuePair<string, object?>[] Ranges =
        [.. new[] { "0-50", "50-80", "80-95", "95-100" }.Select(range => KeyValuePair.Create<string, object?>("utilization", range))];

    private static readonly string Count = SqlFile.Read("Owners/QuotaSurvey.Count.sql");

    private readonly NpgsqlDataSource database;
    private readonly QuotaOptions quota;
    private readonly ObservableGauge<long> owners;
    private volatile long[] known = [];

    public QuotaSurvey(IMeterFactory meters, IHostEnvironment environment, NpgsqlDataSource database, IOptions<QuotaOptions> quota)
    {
        (this.database, this.quota) = (database, quota.Value);
        owners = meters.Create(environment.ApplicationName).CreateObservableGauge(
            "kvaspire.quota.owners", () => known.Select((count, range) => new Measurement<long>(count, Ranges[range])), "{owner}",
            "Owners with entries, by the percentage of their quota that they use.");
    }

    /// <summary>The query reads the row of every owner: half a second for a million.</summary>
    public override bool IsLong => true;

    public override bool IsObserved => owners.Enabled;

    public override async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Count).With(quota.Keys).With(quota.Bytes);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        known = [.. Enumerable.Range(0, Ranges.Length).Select(reader.GetInt64)];
    }
}
