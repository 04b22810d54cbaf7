using KvAspire.Data.Owners;
using KvAspire.Database;
using KvAspire.ServiceDefaults.Telemetry.Metrics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using OpenTelemetry.Trace;

namespace KvAspire.Data.Database;

/// <summary>Registers Postgres: one connection pool for EF Core and Npgsql.</summary>
internal static class DatabaseSetup
{
    /// <summary>The name of the database and of its connection string.</summary>
    public const string Name = "datadb";

    // Defaults that the connection string can override. With these timeouts a lost database means a 503 in seconds instead of
    // half a minute. The server ends statements whose client is gone (statement_timeout), before the veil of such a write
    // expires.
    private const string Defaults =
        "Maximum Pool Size=40;Timeout=3;Command Timeout=3;Cancellation Timeout=500;Max Auto Prepare=32;Auto Prepare Min Usages=2;Options=-c statement_timeout=5s";

    /// <summary>Adds the data source, the context and the health check.</summary>
    public static WebApplicationBuilder AddDatabase(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(CreateDataSource).AddSingleton<HotSources>();
        builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddProcessor(new ExpectedRefusals(
            ErasedOwner.Refused, PostgresErrorCodes.DeadlockDetected, PostgresErrorCodes.SerializationFailure)));
        // Retries would hold a request or a health probe for half a minute.
        builder.AddNpgsqlDbContext<DataDb>(Name, settings => (settings.DisableRetry, settings.DisableHealthChecks) = (true, true));
        builder.Services.AddSurvey<DatabaseSurvey<DataDb>>();
        builder.Services.AddDatabaseHealth<DataDb>();
        builder.Services.ConfigureDbContext<DataDb>((services, options) =>
            options.UseNpgsql(services.GetRequiredService<NpgsqlDataSource>()));
        return builder;
    }

    /// <summary>The connection string, with the defaults.</summary>
    internal static string ConnectionStringOf(IServiceProvider services) =>
        $"{Defaults};{services.GetRequiredService<IConfiguration>().GetConnectionString(Name)
            ?? throw new InvalidOperationException($"Set ConnectionStrings__{Name} to the connection string of the database.")}";

    private static NpgsqlDataSource CreateDataSource(IServiceProvider services) => CreateDataSource(services, Name, ConnectionStringOf(services));

    /// <summary>Creates a connection pool, whose name is in its metrics. If a keyword comes twice, the last one wins.</summary>
    internal static NpgsqlDataSource CreateDataSource(IServiceProvider services, string name, string connectionString) =>
        new NpgsqlDataSourceBuilder($"{Defaults};{connectionString}") { Name = name }
            .UseLoggerFactory(services.GetRequiredService<ILoggerFactory>())
            .ConfigureTracing(StatementSpans.Configure)
            .Build();
}
