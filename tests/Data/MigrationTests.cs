using KvAspire.Data.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>The command <c>migrate</c>.</summary>
public sealed class MigrationTests(World world)
{
    [Fact]
    public async Task Two_concurrent_migrations_and_a_third_all_succeed()
    {
        var database = World.Roles.Migrator(await world.NewDatabaseAsync());

        var concurrent = await Task.WhenAll(World.MigrateAsync(database), World.MigrateAsync(database));
        foreach (var run in concurrent.Append(await World.MigrateAsync(database)))
        {
            Assert.Equal("", run.Error);
            Assert.Equal(0, run.ExitCode);
            Assert.Equal("datadb is up to date.", run.Output.Trim());
        }
    }

    [Theory]
    [InlineData(true, "password authentication failed")]
    [InlineData(false, "ConnectionStrings__datadb")]
    public async Task A_failure_is_one_sentence_and_an_exit_code(bool connectionString, string reason)
    {
        var wrong = new NpgsqlConnectionStringBuilder(world.Database) { Password = "wrong" }.ConnectionString;

        var run = await World.MigrateAsync(connectionString ? wrong : "");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.StartsWith("datadb could not be migrated: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_migration_that_waits_for_its_database_says_why()
    {
        var missing = new NpgsqlConnectionStringBuilder(world.Database) { Database = $"db{Guid.NewGuid():N}" };

        var running = World.MigrateAsync(missing.ConnectionString);
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        await world.ExecuteAsync($"CREATE DATABASE {missing.Database}");

        var run = await running;
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("OnRetry", run.Output, StringComparison.Ordinal);
        Assert.Contains(PostgresErrorCodes.InvalidCatalogName, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_migrations_match_the_model()
    {
        using var scope = world.Data.Services.CreateScope();
        Assert.False(scope.ServiceProvider.GetRequiredService<DataDb>().Database.HasPendingModelChanges());
    }
}
