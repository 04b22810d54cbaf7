using System.Globalization;
using KvAspire.Data.Watch;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Watch under load, while streams are cut off and replicas restart.</summary>
public sealed class WatchFaultTests(World world)
{
    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    // WATCH_CHANGES=20000 for the long form.
    [Fact]
    public async Task Eight_watchers_that_are_cut_off_see_every_change_of_four_writers_while_both_replicas_restart()
    {
        const int Writers = 4;
        var changes = int.Parse(Environment.GetEnvironmentVariable("WATCH_CHANGES") ?? "2000", CultureInfo.InvariantCulture) / Writers;
        await using var replicas = new ReplicaPair(() => new(world.Database, world.Cache, world.Issuer));
        var start = await CommitAsync(("start", "0"));

        var watchers = Enumerable.Range(0, 8).Select(i => FollowAsync(replicas, i, start, Writers * changes)).ToArray();
        var writers = Enumerable.Range(0, Writers).Select(writer => WriteAsync(replicas, writer, changes)).ToArray();
        foreach (var replica in new[] { 0, 1 })
        {
            await Task.Delay(TimeSpan.FromSeconds(1), Cancelled);
            await replicas.RestartAsync(replica);
        }

        await Task.WhenAll(writers);
        var committed = await CommittedAsync(start);
        Assert.Equal(Writers * changes, committed.Count);
        foreach (var seen in await Task.WhenAll(watchers))
            Assert.Equal(committed, seen);
    }

    private async Task WriteAsync(ReplicaPair replicas, int writer, int changes)
    {
        var random = new Random(100 + writer);
        for (var i = 0; i < changes; i += 5)
        {
            var revision = await CommitAsync([.. Enumerable.Range(i, 5).Select(n => ($"w{writer}", n % 7 == 0 ? null : (string?)$"{n}"))]);
            await replicas.TryAsync(random, replica =>
            {
                replica.Services.GetRequiredService<ChangeNews>().Committed(user.Subject, revision);
                return Task.FromResult(true);
            });
        }
    }

    // As a browser does: reconnects with the last id it has seen, here or there.
    private async Task<List<long>> FollowAsync(ReplicaPair replicas, int watcher, long start, int count)
    {
        var (seen, last, random) = (new List<long>(), $"{start}", new Random(watcher));
        while (seen.Count < count)
        {
            using var stream = await replicas.TryAsync(random, replica => EventReader.OpenAsync(replica.As(user.Subject), "", last));
            for (var left = random.Next(50, 800); left > 0 && seen.Count < count && await stream.ReadAsync() is { } next; left--)
                seen.Add(long.Parse(next.Id!, CultureInfo.InvariantCulture));
            last = stream.LastId;
        }

        return seen;
    }

    private async Task<List<long>> CommittedAsync(long after)
    {
        await using var connection = new NpgsqlConnection(world.Database);
        await connection.OpenAsync(Cancelled);
        await using var command = new NpgsqlCommand("SELECT revision FROM changes WHERE owner = $1 AND revision > $2 ORDER BY revision", connection)
        {
            Parameters = { new() { Value = user.Subject }, new() { Value = after } },
        };
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        var revisions = new List<long>();
        while (await reader.ReadAsync(Cancelled))
            revisions.Add(reader.GetInt64(0));
        return revisions;
    }

    private Task<long> CommitAsync(params (string Key, string? Value)[] changes) => ChangeWriter.CommitAsync(world.Database, user.Subject, changes);
}
