using System.Diagnostics;
using KvAspire.TestKit;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(World))]

namespace KvAspire.Data.Tests.Fixtures;

/// <summary>Postgres, Redis, an issuer of tokens, and two replicas of the service on them.</summary>
public sealed class World : IAsyncLifetime
{
    /// <summary>The roles of the service, in every database of the run.</summary>
    public static ServiceRoles Roles { get; } = new("datadb");

    private readonly Servers servers = new();

    public DataService Data { get; private set; } = null!;

    public DataService SecondReplica { get; private set; } = null!;

    /// <summary>A replica without a reachable Redis, which reads from Postgres.</summary>
    public DataService WithoutCache { get; private set; } = null!;

    public TestIssuer Issuer { get; private set; } = null!;

    /// <summary>The superuser's connection string. The service itself connects as its role.</summary>
    public string Database => servers.Database;

    public string Cache => servers.Cache;

    public async ValueTask InitializeAsync()
    {
        await servers.InitializeAsync();
        await Roles.MakeAsync(servers.Database);
        var run = await MigrateAsync(Roles.Migrator(servers.Database));
        Assert.True(run.ExitCode == 0, run.Error);
        Issuer = await TestIssuer.StartAsync();
        Data = NewReplica();
        SecondReplica = NewReplica();
        WithoutCache = new(servers.Database, "127.0.0.1:1", Issuer);
    }

    /// <summary>Starts one more replica.</summary>
    public DataService NewReplica(params (string Name, string Value)[] settings) => new(servers.Database, servers.Cache, Issuer, settings: settings);

    /// <summary>Runs the executable of the service with the argument <c>migrate</c>.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> MigrateAsync(string connectionString)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, "migrate"])
        {
            Environment = { ["ConnectionStrings__datadb"] = connectionString },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Runs a statement without the service.</summary>
    public async Task ExecuteAsync(string statement)
    {
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Returns the first column of a query with one parameter, without the service.</summary>
    public async Task<List<T>> QueryAsync<T>(string query, object parameter)
    {
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(query, connection) { Parameters = { new() { Value = parameter } } };
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<T>();
        while (await reader.ReadAsync())
            found.Add(reader.GetFieldValue<T>(0));
        return found;
    }

    /// <summary>Creates another database with the roles on the server, and returns the superuser's connection string.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = $"db{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE DATABASE {name}");
        var database = new NpgsqlConnectionStringBuilder(Database) { Database = name }.ConnectionString;
        await Roles.MakeAsync(database);
        return database;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable? part in new IAsyncDisposable?[] { Data, SecondReplica, WithoutCache, Issuer, servers })
        {
            if (part is not null)
                await part.DisposeAsync();
        }

        // After the last test, so that it covers all.
        Assert.True(DataService.Witness.Count > 0, "Nothing was heard.");
        DataService.Witness.AssertNothingIsBetrayed();
    }
}
