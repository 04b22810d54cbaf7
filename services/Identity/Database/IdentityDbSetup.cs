using KvAspire.Database;
using KvAspire.ServiceDefaults.Telemetry.Metrics;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using OpenTelemetry.Trace;

namespace KvAspire.Identity.Database;

internal static class IdentityDbSetup
{
    // Services and replicas share the 100 connections that Postgres allows. The later keyword wins, so that the connection string
    // can override this one.
    private const string DefaultPoolSize = "Maximum Pool Size=40;";

    // Enough for the last moments of a failover. The default keeps a client waiting for a minute while the database is down.
    private const int Retries = 3;

    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(1);

    public static void AddIdentityDb(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddProcessor(new ExpectedRefusals(PostgresErrorCodes.UniqueViolation)));
        builder.Services.AddSurvey<DatabaseSurvey<IdentityDb>>();
        builder.AddNpgsqlDbContext<IdentityDb>(
            IdentityDb.Name,
            settings =>
            {
                settings.DisableHealthChecks = true;
                if (!string.IsNullOrWhiteSpace(settings.ConnectionString))
                    settings.ConnectionString = DefaultPoolSize + settings.ConnectionString;
            },
            // A constraint that refuses a command is the expected end of a race. Unexpected failures are logged where they are
            // caught.
            options => options
                .UseNpgsql(npgsql => npgsql
                    .ConfigureDataSource(static source =>
                    {
                        source.Name = IdentityDb.Name;
                        source.ConfigureTracing(StatementSpans.Configure);
                    })
                    .EnableRetryOnFailure(Retries, MaxRetryDelay, errorCodesToAdd: null))
                .ConfigureWarnings(warnings => warnings.Log(
                    (CoreEventId.SaveChangesFailed, LogLevel.Debug), (CoreEventId.QueryIterationFailed, LogLevel.Debug),
                    (RelationalEventId.CommandError, LogLevel.Debug), (RelationalEventId.ConnectionError, LogLevel.Debug))));
        builder.Services.AddDatabaseHealth<IdentityDb>();
    }

    /// <summary>Adds the probe of the language of the database's functions: wrong passwords, audits and erasures need it.</summary>
    public static void AddIdentityFunctionProbe(this IServiceCollection services) => services.AddFunctionProbe(
        "functions",
        provider => provider.GetRequiredService<IConfiguration>().GetConnectionString(IdentityDb.Name) ?? "",
        _ => static connection => new NpgsqlCommand("DO LANGUAGE plpgsql 'BEGIN END'", connection));
}
