using KvAspire.Data.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>The argument <c>migrate</c>.</summary>
public sealed class MigrationTests(World world)
{
    [Fact]
    public async Task Two_at_once_and_one_more_all_succeed()
    {
        var database = await world.NewDatabaseAsync();

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
    public void The_migrations_make_the_model_as_it_is()
    {
        using var scope = world.Data.Services.CreateScope();
        Assert.False(scope.ServiceProvider.GetRequiredService<DataDb>().Database.HasPendingModelChanges());
    }
}
