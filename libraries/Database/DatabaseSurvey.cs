using System.Data.Common;
using System.Diagnostics.Metrics;
using KvAspire.ServiceDefaults.Telemetry.Metrics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KvAspire.Database;

/// <summary>Measures a service's database: its size, and how far this process' clock is ahead of the server's.</summary>
public sealed class DatabaseSurvey<TContext> : Survey
    where TContext : DbContext
{
    private const string SelectTime = "SELECT clock_timestamp()", SelectSize = "SELECT pg_database_size(current_database())";

    private readonly IServiceScopeFactory scopes;
    private readonly TimeProvider clock;
    private readonly ObservableGauge<long> sizes;
    private readonly ObservableGauge<double> offsets;
    private long? size;
    private double? offset;

    /// <summary>Creates the gauges.</summary>
    public DatabaseSurvey(IMeterFactory meters, IHostEnvironment environment, IServiceScopeFactory scopes, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(meters);
        ArgumentNullException.ThrowIfNull(environment);
        (this.scopes, this.clock) = (scopes, clock);
        var meter = meters.Create(environment.ApplicationName);
        sizes = meter.CreateObservableGauge("kvaspire.database.size", () => Observe(size), "By", "Bytes that the database takes on the disk of Postgres.");
        offsets = meter.CreateObservableGauge(
            "kvaspire.clock.offset", () => Observe(offset), "s", "How far this process' clock is ahead of Postgres'; negative where it is behind.");
    }

    /// <inheritdoc/>
    public override bool IsObserved => sizes.Enabled || offsets.Enabled;

    /// <inheritdoc/>
    public override async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<TContext>().Database;
        await database.OpenConnectionAsync(cancellationToken);
        var connection = database.GetDbConnection();

        // The server read its clock about halfway through the round trip.
        var (began, timestamp) = (clock.GetUtcNow(), clock.GetTimestamp());
        var server = await ReadAsync<DateTime>(connection, SelectTime, cancellationToken);
        offset = (began + (clock.GetElapsedTime(timestamp) / 2) - server).TotalSeconds;
        size = await ReadAsync<long>(connection, SelectSize, cancellationToken);
    }

    private static async Task<T> ReadAsync<T>(DbConnection connection, string query, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // one of the constants above
        command.CommandText = query;
#pragma warning restore CA2100
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
