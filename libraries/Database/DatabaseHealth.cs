using System.Data.Common;
using KvAspire.ServiceDefaults.Errors;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KvAspire.Database;

/// <summary>Whether Postgres answers, on a pooled connection, and takes writes.</summary>
internal sealed class DatabaseHealth<TContext>(IServiceScopeFactory scopes) : IHealthCheck
    where TContext : DbContext
{
    private const string NoAnswer = "Postgres does not answer.", ReadOnly = "Postgres is read-only.";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var scope = scopes.CreateAsyncScope();
        var connection = scope.ServiceProvider.GetRequiredService<TContext>().Database.GetDbConnection();
        try
        {
            await connection.OpenAsync(cancellationToken); // not through the context, which may try several times
            await using var command = connection.CreateCommand();
            command.CommandText = "SHOW transaction_read_only";
            return await command.ExecuteScalarAsync(cancellationToken) is "off" ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(ReadOnly);
        }
        catch (DbException exception)
        {
            return HealthCheckResult.Unhealthy(DatabaseFaults.Find(exception) is { } fault ? $"{fault.Cause} (SQLSTATE {fault.SqlState})" : NoAnswer);
        }
        finally
        {
            await connection.CloseAsync();
        }
    }
}

/// <summary>Adds the health checks of a database.</summary>
public static class DatabaseHealthSetup
{
    /// <summary>Adds the check <c>database</c>.</summary>
    public static IServiceCollection AddDatabaseHealth<TContext>(this IServiceCollection services)
        where TContext : DbContext
    {
        services.AddHealthChecks().AddCheck<DatabaseHealth<TContext>>("database");
        return services;
    }
}
