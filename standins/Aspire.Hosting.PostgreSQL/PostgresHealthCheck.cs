using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Aspire.Hosting.Postgres;

/// <summary>Healthy: the server, or the database, lets us in and answers.</summary>
internal sealed class PostgresHealthCheck(ReferenceExpression connectionString, Func<bool> isUp) : IHealthCheck
{
    private const int Seconds = 5;

    public static HealthCheckRegistration Registration(string name, ReferenceExpression connectionString, Func<bool>? isUp = null) =>
        new(name, _ => new PostgresHealthCheck(connectionString, isUp ?? (() => true)), failureStatus: null, tags: null);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!isUp())
            return HealthCheckResult.Unhealthy("It is starting.");

        // No pool: it would hold connections that are in the way when the server is told to stop.
        var settings = new NpgsqlConnectionStringBuilder(await connectionString.GetValueAsync(cancellationToken))
        {
            Pooling = false,
            Timeout = Seconds,
            CommandTimeout = Seconds,
        };
        settings.Database ??= "postgres";
        try
        {
            await using var connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy(e.Message, e);
        }
    }
}
