using KvAspire.Database;
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
        builder.AddNpgsqlDbContext<IdentityDb>(
            IdentityDb.Name,
            settings =>
            {
                if (!string.IsNullOrWhiteSpace(settings.ConnectionString))
                    settings.ConnectionString = DefaultPoolSize + settings.ConnectionString;
            },
            // A constraint that refuses a command is the expected end of a race. Unexpected failures are logged where they are
            // caught.
            options => options
                .UseNpgsql(npgsql => npgsql
                    .ConfigureDataSource(static source => source.ConfigureTracing(StatementSpans.Configure))
                    .EnableRetryOnFailure(Retries, MaxRetryDelay, errorCodesToAdd: null))
                .ConfigureWarnings(warnings => warnings.Log(
                    (CoreEventId.SaveChangesFailed, LogLevel.Debug), (RelationalEventId.CommandError, LogLevel.Debug))));
    }
}
