using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Npgsql;

[assembly: AssemblyFixture(typeof(IdentityFixture))]

namespace KvAspire.Identity.Tests.Fixtures;

/// <summary>One running identity service over a database of its own, and more of both for tests that need them.</summary>
public sealed class IdentityFixture : IAsyncLifetime
{
    private readonly Servers servers = new();

    /// <summary>The service that most tests talk to.</summary>
    public IdentityService Service { get; private set; } = null!;

    /// <summary>A client of it.</summary>
    public HttpClient Client => Service.Client;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        await servers.InitializeAsync();
        Service = IdentityService.Start(await CreateMigratedDatabaseAsync(TestContext.Current.CancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Service is not null)
            await Service.DisposeAsync();
        await servers.DisposeAsync();
    }

    /// <summary>The connection string of a new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        var name = $"identity_{Guid.NewGuid():N}";
        await using var source = NpgsqlDataSource.Create(servers.Database);
        await using var command = source.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync(cancellationToken);

        // Small pools: a test run has many databases and one server.
        return new NpgsqlConnectionStringBuilder(servers.Database) { Database = name, MaxPoolSize = 20 }.ConnectionString;
    }

    /// <summary>The same, migrated as in production: by the service's executable.</summary>
    public async Task<string> CreateMigratedDatabaseAsync(CancellationToken cancellationToken)
    {
        var database = await CreateDatabaseAsync(cancellationToken);
        var run = await ServiceProcess.MigrateAsync(database, cancellationToken);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        return database;
    }

    /// <summary>What a query on the service's database says, row by row, its columns separated by bars.</summary>
    public static async Task<IReadOnlyList<string>> QueryAsync(string database, string sql, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(database);
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
}
