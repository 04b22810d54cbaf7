using System.Globalization;
using System.Text;
using System.Text.Json;
using KvAspire.Data.Entries;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>After many concurrent operations of all kinds on two replicas, the counts match the rows.</summary>
public sealed class ExactnessTests(World world)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    // KVASPIRE_EXACT_OPERATIONS=10000 is the long form.
    private static int Operations { get; } = int.Parse(Environment.GetEnvironmentVariable("KVASPIRE_EXACT_OPERATIONS") ?? "1500", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(10_000_000, 10_000_000)]
    [InlineData(130, 12_000)] // sometimes exceeded, so that operations run one after the other
    public async Task Counters_and_usage_match_Postgres_after_concurrent_operations(long keys, long bytes)
    {
        (string, string)[] quota = [("Quota:Keys", $"{keys}"), ("Quota:Bytes", $"{bytes}")];
        await using var one = world.NewReplica(quota);
        await using var two = world.NewReplica(quota);
        var user = one.NewUser();
        var owner = new BusyOwner([user, two.As(user.Subject)], Random.Shared.Next(1_000_000));

        // Sweepers run meanwhile, as those of the service do once a minute.
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var sweepers = Task.WhenAll(Sweep(one, enough.Token), Sweep(two, enough.Token));
        await owner.RunAsync(Operations);
        await Task.Delay(TimeSpan.FromSeconds(1.1), Cancelled); // until the last entry has expired
        await enough.CancelAsync();
        await sweepers;
        while (await one.Services.GetRequiredService<EntryTable>().ExpireAsync(1_000, Cancelled) > 0)
            await Task.Yield();

        var (stored, size, trueSize, unlogged) = await CountAsync(user.Subject);
        var usage = $$$"""{"keys":{"used":{{{stored}}},"allowed":{{{keys}}}},"bytes":{"used":{{{size}}},"allowed":{{{bytes}}}}}""";
        foreach (var replica in new[] { one, two })
            Assert.Equal(usage, (await DataAsync(replica.As(user.Subject), "/api/usage")).GetRawText());
        Assert.Equal((trueSize, 0L), (size, unlogged));
        Assert.True(stored <= keys && size <= bytes);
        Assert.Equal(keys < 1_000, owner.Refused > 0);

        var listed = (await DataAsync(two.As(user.Subject), "/api/data?include=value,metadata&limit=1000")).GetProperty("items").EnumerateArray()
            .ToDictionary(item => item.GetProperty("key").GetString()!, item => (Value: Raw(item, "value"), Metadata: Raw(item, "metadata")));
        Assert.Equal(stored, listed.Count);
        Assert.Equal(size, listed.Sum(entry => (long)Encoding.UTF8.GetByteCount(entry.Key + entry.Value.Value + entry.Value.Metadata)));
        Assert.All(owner.Counters, counter => Assert.Equal($"{counter.Value}", listed[counter.Key].Value));
        Assert.Equal(owner.Own.OrderBy(entry => entry.Key, StringComparer.Ordinal), listed.Where(entry => entry.Key.StartsWith("own/", StringComparison.Ordinal))
            .Select(entry => KeyValuePair.Create(entry.Key, entry.Value.Value)).OrderBy(entry => entry.Key, StringComparer.Ordinal));
        Assert.DoesNotContain(listed.Keys, key => key.StartsWith("expiring/", StringComparison.Ordinal));
    }

    private static async Task Sweep(DataService replica, CancellationToken enough)
    {
        var table = replica.Services.GetRequiredService<EntryTable>();
        while (!enough.IsCancellationRequested)
        {
            await table.ExpireAsync(20, CancellationToken.None);
            await Task.Delay(50, enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // The number of keys, their recorded size, their actual size, and rows whose last change is not the last in the log.
    private async Task<(long Keys, long Size, long TrueSize, long Unlogged)> CountAsync(string owner)
    {
        await using var database = NpgsqlDataSource.Create(world.Database);
        await using var command = database.CreateCommand(
            """
            SELECT count(*) FILTER (WHERE deleted_at IS NULL), coalesce(sum(size), 0)::bigint,
                coalesce(sum(octet_length(key) + octet_length(value) + coalesce(octet_length(metadata), 0)) FILTER (WHERE deleted_at IS NULL), 0)::bigint,
                count(*) FILTER (WHERE revision <> (SELECT max(changes.revision) FROM changes WHERE changes.owner = entries.owner AND changes.key = entries.key))
            FROM entries WHERE owner = $1
            """);
        command.Parameters.AddWithValue(owner);
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        await reader.ReadAsync(Cancelled);
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
    }

    private static async Task<JsonElement> DataAsync(User user, string target)
    {
        using var answer = await user.GetAsync(target);
        Assert.Equal(200, (int)answer.StatusCode);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement.GetProperty("data");
    }

    private static string Raw(JsonElement item, string name) => item.TryGetProperty(name, out var member) ? member.GetRawText() : "";
}
