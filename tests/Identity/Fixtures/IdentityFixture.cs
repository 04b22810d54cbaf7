using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Npgsql;

[assembly: AssemblyFixture(typeof(IdentityFixture))]

namespace KvAspire.Identity.Tests.Fixtures;

/// <summary>A running identity service on its own database, and further services and databases for tests that need them.</summary>
public sealed class IdentityFixture : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The roles of the service, in every database of the run.</summary>
    public static ServiceRoles Roles { get; } = new("identitydb");

    private readonly Servers servers = new();
    private readonly SemaphoreSlim copying = new(1, 1); // Postgres makes one copy of a database at a time
    private string template = "";

    /// <summary>The service of most tests.</summary>
    public IdentityService Service { get; private set; } = null!;

    /// <summary>A client of that service.</summary>
    public HttpClient Client => Service.Client;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        await servers.InitializeAsync();
        template = await CreateDatabaseAsync(TestContext.Current.CancellationToken);
        var run = await ServiceProcess.MigrateAsync(Roles.Migrator(template), TestContext.Current.CancellationToken);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);

        // All tests send from one address, some of them hundreds of wrong client secrets in a minute.
        Service = IdentityService.Start(
            await CreateMigratedDatabaseAsync(TestContext.Current.CancellationToken), settings: ("Lockout:RefusedClientsPerMinute", "0"));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Service is not null)
            await Service.DisposeAsync();
        copying.Dispose();
        await servers.DisposeAsync();

        // After the last test: no secret of any test is in a log or a trace.
        AssertNothingIsBetrayed();
    }

    /// <summary>Asserts that no secret of any test is in a log or a trace.</summary>
    public static void AssertNothingIsBetrayed()
    {
        Assert.True(IdentityService.Witness.Count > 0, "Nothing was heard.");
        IdentityService.Witness.AssertNothingIsBetrayed(
            [Person.GoodPassword, Person.Admin.Password, IdentityService.EncryptionKey, IdentityService.ClientSecret, IdentityService.OperatorSecret, TestIssuer.ServiceSecret, .. Person.RefreshTokens]);
    }

    /// <summary>The superuser's connection string of a new, empty database with the roles of the service.</summary>
    public Task<string> CreateDatabaseAsync(CancellationToken cancellationToken) => CreateDatabaseAsync("", cancellationToken);

    /// <summary>The superuser's connection string of a new, migrated database: a copy, because a migration costs seconds.</summary>
    public async Task<string> CreateMigratedDatabaseAsync(CancellationToken cancellationToken)
    {
        await copying.WaitAsync(cancellationToken);
        try
        {
            return await CreateDatabaseAsync($"TEMPLATE {new NpgsqlConnectionStringBuilder(template).Database}", cancellationToken);
        }
        finally
        {
            copying.Release();
        }
    }

    /// <summary>Drops a database and ends its connections.</summary>
    public Task DropDatabaseAsync(string database, CancellationToken cancellationToken) => ExecuteAsync(
        $"DROP DATABASE {new NpgsqlConnectionStringBuilder(database).Database} WITH (FORCE)", cancellationToken);

    /// <summary>The rows of a query, their columns separated by bars.</summary>
    public static async Task<IReadOnlyList<string>> QueryAsync(string database, string sql, CancellationToken cancellationToken)
    {
        // Untraced: the queries of tests are not the service's.
        var builder = new NpgsqlDataSourceBuilder(database);
        builder.ConfigureTracing(tracing => tracing.ConfigureCommandFilter(_ => false));
        await using var source = builder.Build();
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);

        var rows = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var columns = new object[reader.FieldCount];
            reader.GetValues(columns);
            rows.Add(string.Join('|', columns.Select(column => column is byte[] bytes ? Convert.ToHexString(bytes) : column)));
        }

        return rows;
    }

    /// <summary>Waits until another connection waits for a lock of <paramref name="holder"/>.</summary>
    /// <param name="holder">The connection that holds the lock.</param>
    /// <param name="waiter">The task that must not end before.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task WaitUntilHeldUpAsync(NpgsqlConnection holder, Task waiter, CancellationToken cancellationToken)
    {
        for (var began = TimeProvider.System.GetTimestamp(); !await HoldsUpAsync(holder, cancellationToken); await Task.Delay(20, cancellationToken))
        {
            Assert.False(waiter.IsCompleted, "It did not wait.");
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"It neither ended nor waited for the lock within {Patience.TotalSeconds} seconds.");
        }
    }

    /// <summary>Waits until no connection waits for a lock of <paramref name="holder"/>.</summary>
    public async Task WaitUntilNothingIsHeldUpAsync(NpgsqlConnection holder, CancellationToken cancellationToken)
    {
        for (var began = TimeProvider.System.GetTimestamp(); await HoldsUpAsync(holder, cancellationToken); await Task.Delay(20, cancellationToken))
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"Something still waits for the lock after {Patience.TotalSeconds} seconds.");
    }

    private async Task<bool> HoldsUpAsync(NpgsqlConnection holder, CancellationToken cancellationToken) =>
        await QueryAsync(Service.Database, $"SELECT count(*) FROM pg_stat_activity WHERE {holder.ProcessID} = ANY (pg_blocking_pids(pid))", cancellationToken) is not ["0"];

    private async Task<string> CreateDatabaseAsync(string options, CancellationToken cancellationToken)
    {
        var name = $"identity_{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE DATABASE {name} {options}", cancellationToken);

        // Small pools: a test run has many databases and one server.
        var database = new NpgsqlConnectionStringBuilder(servers.Database) { Database = name, MaxPoolSize = 20, ConnectionIdleLifetime = 5, ConnectionPruningInterval = 5 }.ConnectionString;
        await Roles.MakeAsync(database);
        return database;
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(servers.Database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
