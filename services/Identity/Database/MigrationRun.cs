using KvAspire.Identity.Users;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace KvAspire.Identity.Database;

/// <summary>The run with the argument <c>migrate</c>: brings the schema of <c>identitydb</c> up to date, and ends.</summary>
internal static class MigrationRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Migrates; several runs at once wait for one another.</summary>
    /// <returns>The exit code: 0, or 1 after a sentence on what is wrong.</returns>
    public static async Task<int> StartAsync(WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Migrations", LogLevel.Information);
        await using var app = builder.Build();
        await using var scope = app.Services.CreateAsyncScope();

        try
        {
            var db = scope.ServiceProvider.GetRequiredService<IdentityDb>();
            await using var locked = await LockAsync(db, TimeProvider.System);
            await db.Database.MigrateAsync();
            if (await scope.ServiceProvider.GetRequiredService<FirstAdmin>().EnsureAsync(CancellationToken.None) is { } news)
                await Console.Out.WriteLineAsync(news);
            return 0;
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or ArgumentException)
        {
            var reason = exception.GetBaseException().Message.ReplaceLineEndings(" ");
            await Console.Error.WriteLineAsync(
                $"The migration of {IdentityDb.Name} failed: {reason} (ConnectionStrings:{IdentityDb.Name})");
            return 1;
        }
    }

    // EF Core locks its history table, but two first runs race to create that table. The lock ends with the connection.
    private static async Task<NpgsqlConnection> LockAsync(IdentityDb db, TimeProvider clock)
    {
        var deadline = clock.GetUtcNow() + Patience;
        while (true)
        {
            var connection = new NpgsqlConnection(db.Database.GetConnectionString());
            try
            {
                await connection.OpenAsync();
                await using var command = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection)
                {
                    Parameters = { new() { Value = AdvisoryLocks.Migration } },
                    CommandTimeout = 0, // as long as the other run takes
                };
                await command.ExecuteNonQueryAsync();
                return connection;
            }
            catch (NpgsqlException exception) when (IsStarting(exception) && clock.GetUtcNow() < deadline)
            {
                await connection.DisposeAsync();
                await Task.Delay(Pause, clock);
            }
        }
    }

    // A server that is on its way, or whose databases are still being created.
    private static bool IsStarting(NpgsqlException exception) =>
        exception.IsTransient || exception is PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName };
}
