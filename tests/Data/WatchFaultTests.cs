using System.Globalization;
using System.Net;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Watches under load, while streams are cut off and replicas restart.</summary>
public sealed class WatchFaultTests(World world)
{
    // A stream that receives nothing for so long has lost a change, even on a busy machine.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    // WATCH_CHANGES=20000 is the long form.
    [Fact]
    public async Task Watchers_that_are_cut_off_see_every_change_while_both_replicas_restart()
    {
        const int Writers = 4;
        var changes = int.Parse(Environment.GetEnvironmentVariable("WATCH_CHANGES") ?? "2000", CultureInfo.InvariantCulture) / Writers;
        await using var replicas = new ReplicaPair(() => new(world.Database, world.Cache, world.Issuer));
        var start = await ChangeAsync(replicas, new Random(0), user => user.PutAsync("/api/data/start?upsert=true", """{"value":0}"""));

        var watchers = Enumerable.Range(0, 8).Select(i => FollowAsync(replicas, i, start)).ToArray();
        var restarts = RestartBothAsync(replicas);
        var writers = Enumerable.Range(0, Writers).Select(writer => WriteAsync(replicas, writer, changes, restarts)).ToArray();
        var acknowledged = (await Task.WhenAll(writers)).SelectMany(revisions => revisions).ToList();
        await restarts;
        await ChangeAsync(replicas, new Random(0), user => user.PutAsync("/api/data/end?upsert=true", """{"value":0}"""));

        var committed = await CommittedAsync(start);
        Assert.True(committed.Count > Writers * changes);
        Assert.Empty(acknowledged.Except(committed.Append(0)));
        foreach (var seen in await Task.WhenAll(watchers))
            Assert.Equal(committed, seen);
    }

    private static async Task RestartBothAsync(ReplicaPair replicas)
    {
        foreach (var replica in new[] { 0, 1 })
        {
            await Task.Delay(TimeSpan.FromSeconds(1), Cancelled);
            await replicas.RestartAsync(replica);
        }
    }

    // Puts and deletes until there are enough changes and both replicas have restarted.
    private async Task<List<long>> WriteAsync(ReplicaPair replicas, int writer, int changes, Task restarts)
    {
        var (acknowledged, random) = (new List<long>(), new Random(100 + writer));
        for (var n = 1; acknowledged.Count < changes || !restarts.IsCompleted; n++)
        {
            var key = $"/api/data/w{writer}/{n / 7}";
            acknowledged.Add(await ChangeAsync(replicas, random, user => n % 7 == 6
                ? user.DeleteAsync(key)
                : user.PutAsync($"{key}?upsert=true", $$"""{"value":{{n}}}""")));
        }

        return acknowledged;
    }

    // A stopping replica may make the change without answering. Then the change is made twice, or there is nothing left to
    // delete. The answer to a deletion does not contain its revision: 0.
    private async Task<long> ChangeAsync(ReplicaPair replicas, Random random, Func<User, Task<HttpResponseMessage>> change)
    {
        while (true)
        {
            using var answer = await replicas.TryAsync(random, replica => change(replica.As(user.Subject)));
            if (answer.IsSuccessStatusCode || answer.StatusCode is HttpStatusCode.NotFound)
                return answer.Headers.ETag is { } tag ? long.Parse(tag.Tag.Trim('"'), CultureInfo.InvariantCulture) : 0;
        }
    }

    // Like a browser: reconnects to either replica with the last id that it has seen.
    private async Task<List<long>> FollowAsync(ReplicaPair replicas, int watcher, long start)
    {
        var (seen, last, random, hasEnded) = (new List<long>(), $"{start}", new Random(watcher), false);
        while (!hasEnded)
        {
            using var stream = await replicas.TryAsync(random, replica => EventReader.OpenAsync(replica.As(user.Subject), "", last));
            for (var left = random.Next(50, 800); left > 0 && !hasEnded && await stream.ReadAsync(Patience) is { } next; left--)
            {
                seen.Add(long.Parse(next.Id!, CultureInfo.InvariantCulture));
                hasEnded = next.Data.StartsWith("""{"key":"end",""", StringComparison.Ordinal);
            }

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
}
