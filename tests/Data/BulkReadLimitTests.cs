using System.Text.Json.Nodes;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>How much a bulk request may read.</summary>
public sealed class BulkReadLimitTests(World world)
{
    private const int MiB = 1024 * 1024;

    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries_beyond_8_MiB_are_refused_one_by_one_and_not_read()
    {
        for (var i = 0; i < 10; i++)
            await user.StoreAsync($"large{i}", $"\"{new string('x', MiB - 2)}\"");
        await user.StoreAsync("small", "1");
        await using var replica = world.NewReplica();
        using var loads = new LoadCounter(replica);

        string[] keys = [.. Enumerable.Range(0, 10).Select(i => $"large{i}"), "none", "small"];
        var (results, length) = await ReadAsync(replica.As(user.Subject), keys);

        Assert.Equal(keys, results.Select(result => (string?)result!["key"]));
        Assert.Equal([.. Enumerable.Repeat(200, 7), 413, 413, 413, 404, 200], results.Select(result => (int)result!["status"]!));
        Assert.All(results.Skip(7).Take(3), result => Assert.Equal(
            "RESPONSE_TOO_LARGE The answer would be larger than 8 MiB. Please ask for fewer entries.", $"{result!["code"]} {result["message"]}"));
        Assert.InRange(length, 7 * MiB, 8 * MiB);
        Assert.InRange(loads.Count, 7, 9); // the last two are cached by the writer, or not
    }

    [Fact]
    public async Task The_limit_is_that_of_the_whole_request()
    {
        await user.StoreAsync("large", $"\"{new string('x', MiB - 2)}\"");

        var (results, _) = await ReadAsync(user, [.. Enumerable.Repeat("large", 12)], between: """{"op":"put","key":"other","value":1},""");
        Assert.Equal(
            [.. Enumerable.Repeat(200, 7), .. Enumerable.Repeat(413, 5)],
            results.Where(result => (string?)result!["key"] is "large").Select(result => (int)result!["status"]!));
    }

    [Fact]
    public async Task Cached_entries_count_with_their_size_as_well()
    {
        const int Size = 60 * 1024;
        string[] keys = [.. Enumerable.Range(0, 140).Select(i => $"k{i}")];
        foreach (var key in keys)
            await user.StoreAsync(key, $"\"{new string('x', Size - 2)}\"");
        await user.StoreAsync("large", $"\"{new string('x', MiB - 2)}\"");
        foreach (var key in keys)
            await user.GetAsync($"/api/data/{key}");

        var (results, length) = await ReadAsync(user, [.. keys, "large", "none"]);
        int[] statuses = [.. results.Select(result => (int)result!["status"]!)];
        var fits = statuses.Count(status => status is 200);
        Assert.InRange(fits, 135, 136); // of 60 KiB and what an answer has besides
        Assert.Equal([.. Enumerable.Repeat(200, fits), .. Enumerable.Repeat(413, keys.Length - fits), 413, 404], statuses);
        Assert.InRange(length, 7 * MiB, 8 * MiB);
    }

    [Fact]
    public async Task Many_small_entries_fit()
    {
        for (var i = 0; i < 40; i++)
            await user.StoreAsync($"k{i}", $"{i}");

        var (results, _) = await ReadAsync(user, [.. Enumerable.Range(0, 1000).Select(i => $"k{i % 40}")]);
        Assert.All(results.Index(), result => Assert.Equal($"200 {result.Index % 40}", $"{result.Item!["status"]} {result.Item["value"]}"));
    }

    private static async Task<(JsonArray Results, int Length)> ReadAsync(User user, string[] keys, string between = "")
    {
        var operations = string.Join(',', keys.Select(key => $$"""{{between}}{"op":"get","key":"{{key}}"}"""));
        var response = await user.SendAsync(HttpMethod.Post, "/api/bulk", User.Json($$"""{"operations":[{{operations}}]}"""));
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True((int)response.StatusCode == 200, text[..Math.Min(text.Length, 1000)]);
        return (JsonNode.Parse(text)!["data"]!["results"]!.AsArray(), text.Length);
    }
}
