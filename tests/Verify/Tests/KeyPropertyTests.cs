using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace KvAspire.Verify.Tests;

/// <summary>Every valid key is stored, listed, read and deleted unchanged, through the gateway.</summary>
[Collection(SharedSystem.Name)]
public sealed class KeyPropertyTests(SharedSystem shared, ITestOutputHelper output)
{
    private const int Count = 2_000;

    private static readonly Comparer<string> ByteOrder = Comparer<string>.Create(
        (a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)));

    [Fact]
    public async Task Generated_keys_are_stored_listed_read_by_path_and_query_and_deleted()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var keys = GeneratedKeys.Take(Count, seed).Index().ToList();
        using var door = await shared.NewUserAsync();

        await ForAllAsync(async (i, key) =>
        {
            var (_, location) = await door.SendAsync(201, HttpMethod.Post, "/api/data", $$"""{"key":{{JsonSerializer.Serialize(key)}},"value":{{i}}}""");
            Assert.Equal(PathCarries(key), location!.StartsWith("/api/data/", StringComparison.Ordinal));
            await AssertFoundAsync(location, i, key);
            await AssertFoundAsync($"/api/data?key={Uri.EscapeDataString(key)}", i, key);
        });

        Assert.Equal(keys.Select(pair => pair.Item).OrderBy(key => key, ByteOrder), await ListAsync(door));

        // Reads and deletes only after all writes: no key may have replaced another, and no deletion may delete another.
        await ForAllAsync((i, key) => AssertFoundAsync($"/api/data?key={Uri.EscapeDataString(key)}", i, key));
        await ForAllAsync((_, key) => door.SendAsync(200, HttpMethod.Delete, $"/api/data?key={Uri.EscapeDataString(key)}"));
        await ForAllAsync((_, key) => door.SendAsync(404, HttpMethod.Get, $"/api/data?key={Uri.EscapeDataString(key)}"));
        Assert.Empty(await ListAsync(door));

        Task ForAllAsync(Func<int, string, Task> act) => Parallel.ForEachAsync(
            keys, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (pair, _) => await act(pair.Index, pair.Item));

        async Task AssertFoundAsync(string target, int i, string key)
        {
            var (body, _) = await door.SendAsync(200, HttpMethod.Get, target);
            var data = JsonNode.Parse(body)!["data"]!;
            Assert.Equal((key, i), (data["key"]!.GetValue<string>(), data["value"]!.GetValue<int>()));
        }
    }

    private static async Task<List<string>> ListAsync(Door door)
    {
        var (listed, cursor) = (new List<string>(), "");
        while (true)
        {
            var (body, _) = await door.SendAsync(200, HttpMethod.Get, $"/api/data?prefix=&limit=300{cursor}");
            var page = JsonNode.Parse(body)!["data"]!;
            listed.AddRange(page["items"]!.AsArray().Select(item => item!["key"]!.GetValue<string>()));
            if (page["list_complete"]!.GetValue<bool>())
                return listed;

            cursor = $"&cursor={Uri.EscapeDataString(page["cursor"]!.GetValue<string>())}";
        }
    }

    // The documented limits of keys in a path: no leading or double slash, no dot segment, no escaped slash.
    private static bool PathCarries(string key) =>
        !key.Contains("%2F", StringComparison.OrdinalIgnoreCase)
        && Array.TrueForAll((key.EndsWith('/') ? key[..^1] : key).Split('/'), segment => segment is not ("" or "." or ".."));
}
