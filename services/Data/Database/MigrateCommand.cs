using Microsoft.EntityFrameworkCore;
using Npgsql;
using Polly;
using Polly.Retry;

namespace KvAspire.Data.Database;

/// <summary>What the argument <c>migrate</c> does: brings the schema up to date and ends. Any number may run at once.</summary>
internal static class MigrateCommand
{
    /// <summary>The argument.</summary>
    public const string Argument = "migrate";

    // Names the lock that concurrent runs queue for: EF Core's own is a table, which the first run has yet to create.
    private const long Lock = 0x6b76_6461_7461; // "kvdata"

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestStatement = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs the migrations and says how it went.</summary>
    /// <returns>The exit code of the process.</returns>
    public static async Task<int> RunAsync(WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None).AddFilter("Npgsql", LogLevel.None);
        try
        {
            await using var app = builder.Build();
            await WhileStarting(app.Services.GetRequiredService<TimeProvider>()).ExecuteAsync(
                static (services, cancellationToken) => ApplyAsync(services, cancellationToken), app.Services, CancellationToken.None);
            await Console.Out.WriteLineAsync($"{DatabaseRegistration.Name} is up to date.");
            return 0;
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or ArgumentException)
        {
            var reason = (DatabaseFault(exception) ?? exception).Message.ReplaceLineEndings(" ");
            await Console.Error.WriteLineAsync(
                $"{DatabaseRegistration.Name} could not be migrated: {reason} (see ConnectionStrings__{DatabaseRegistration.Name})");
            return 1;
        }
    }

    private static async ValueTask ApplyAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<DataDb>().Database;
        database.SetCommandTimeout(LongestStatement);

        await database.OpenConnectionAsync(cancellationToken); // kept open: the lock lives as long as its session
        await database.ExecuteSqlAsync($"SET statement_timeout = 0", cancellationToken);

        // Not waited for in a statement: an index that is made concurrently would wait for the end of that.
        while (!await database.SqlQuery<bool>($"SELECT pg_try_advisory_lock({Lock}) AS \"Value\"").SingleAsync(cancellationToken))
            await Task.Delay(Pause, cancellationToken);
        await database.MigrateAsync(cancellationToken);
    }

    private static ResiliencePipeline WhileStarting(TimeProvider time)
    {
        var began = time.GetTimestamp();
        return new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = attempt => ValueTask.FromResult(
                    IsStarting(attempt.Outcome.Exception) && time.GetElapsedTime(began) < Patience),
                MaxRetryAttempts = int.MaxValue,
                Delay = TimeSpan.FromMilliseconds(500),
            })
            .Build();
    }

    // The server is not up, or its database not yet created.
    private static bool IsStarting(Exception? exception) => DatabaseFault(exception)
        is { IsTransient: true } or PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName };

    // EF Core wraps what it takes for transient.
    private static NpgsqlException? DatabaseFault(Exception? exception) =>
        exception is null or NpgsqlException ? exception as NpgsqlException : DatabaseFault(exception.InnerException);
}
