using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Polly;
using Polly.Retry;
using Polly.Telemetry;

namespace KvAspire.Database;

/// <summary>
/// The argument <c>migrate</c>: brings the schema of a service's database up to date, grants the service's role its rights, and ends.
/// Concurrent runs queue.
/// </summary>
public static class MigrateCommand
{
    /// <summary>The argument.</summary>
    public const string Argument = "migrate";

    /// <summary>The file with the rights of the service's role, embedded in every service that has a database.</summary>
    public const string Grants = "Database/Grants.sql";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestStatement = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs the migrations and reports the outcome on the console.</summary>
    /// <param name="builder">The service, with its context registered.</param>
    /// <param name="database">The name of the database and of its connection string.</param>
    /// <param name="advisoryLock">The lock that runs queue for: EF Core's own is a table, which the first run has yet to create.</param>
    /// <param name="seed">Runs after the migrations, under the lock, and returns a line for the console, or null.</param>
    /// <returns>The exit code of the process: 0, or 1 after a sentence with the reason.</returns>
    public static async Task<int> RunAsync<TContext>(
        WebApplicationBuilder builder, string database, long advisoryLock, Func<IServiceProvider, CancellationToken, Task<string?>>? seed = null)
        where TContext : DbContext
    {
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None).AddFilter("Npgsql", LogLevel.None);
        try
        {
            await using var app = builder.Build();
            await WhileStarting(app.Services).ExecuteAsync(async cancellationToken =>
            {
                await using var scope = app.Services.CreateAsyncScope();
                await MigrateAsync(scope.ServiceProvider.GetRequiredService<TContext>(), advisoryLock, cancellationToken);
                if (seed is not null && await seed(scope.ServiceProvider, cancellationToken) is { } news)
                    await Console.Out.WriteLineAsync(news);
            });
            await Console.Out.WriteLineAsync($"{database} is up to date.");
            return 0;
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or ArgumentException)
        {
            var reason = (DatabaseFault(exception) ?? exception).Message.ReplaceLineEndings(" ");
            await Console.Error.WriteLineAsync($"{database} could not be migrated: {reason} (see ConnectionStrings__{database})");
            return 1;
        }
    }

    private static async Task MigrateAsync(DbContext context, long advisoryLock, CancellationToken cancellationToken)
    {
        var database = context.Database;
        database.SetCommandTimeout(LongestStatement);

        await database.OpenConnectionAsync(cancellationToken); // kept open: the lock lives as long as its session
        await database.ExecuteSqlAsync($"SET statement_timeout = 0", cancellationToken);

        // No statement waits for the lock: an index that is created concurrently would wait for the end of that statement.
        while (!await database.SqlQuery<bool>($"SELECT pg_try_advisory_lock({advisoryLock}) AS \"Value\"").SingleAsync(cancellationToken))
            await Task.Delay(Pause, cancellationToken);
        await database.MigrateAsync(cancellationToken);

        // The rights of the service's role, which the migrator role grants. The file states all of them, so that a right that it no
        // longer names is gone.
        await database.ExecuteSqlRawAsync(EmbeddedSql.Read(context.GetType().Assembly, Grants), cancellationToken);
    }

    private static ResiliencePipeline WhileStarting(IServiceProvider services)
    {
        var time = services.GetRequiredService<TimeProvider>();
        var began = time.GetTimestamp();
        return new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = attempt => ValueTask.FromResult(
                    IsStarting(attempt.Outcome.Exception) && time.GetElapsedTime(began) < Patience),
                MaxRetryAttempts = int.MaxValue,
                Delay = TimeSpan.FromMilliseconds(500),
            })
            .ConfigureTelemetry(new TelemetryOptions { LoggerFactory = services.GetRequiredService<ILoggerFactory>(), SeverityProvider = Severity })
            .Build();
    }

    // Only the retry and its reason are logged.
    private static ResilienceEventSeverity Severity(SeverityProviderArguments happened) =>
        happened.Event.EventName is "OnRetry" ? happened.Event.Severity : ResilienceEventSeverity.None;

    // The server is not up, or its database not yet created.
    private static bool IsStarting(Exception? exception) => DatabaseFault(exception)
        is { IsTransient: true } or PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName };

    // EF Core wraps exceptions that it takes for transient.
    private static NpgsqlException? DatabaseFault(Exception? exception) =>
        exception is null or NpgsqlException ? exception as NpgsqlException : DatabaseFault(exception.InnerException);
}
