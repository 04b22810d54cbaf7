using System.Text;
using System.Text.Json;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Listing: order, pages and folders.</summary>
public sealed class ListingTests(World world)
{
    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_keys_the_list_is_empty_and_complete() => await Envelope.AssertBodyAsync(
        await user.GetAsync("/api/data"), 200,
        """{"status":"success","data":{"items":[],"prefixes":[],"cursor":null,"list_complete":true}}""", Cancelled);

    [Fact]
    public async Task Items_have_key_and_revision_and_the_included_members()
    {
        var stored = await user.StoreAsync("k\"é", """{"b": 1.50,"a":[1e400, "\u00e9"]}""");
        var revision = stored.Headers.ETag!.Tag.Trim('"');

        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data"), 200,
            $$$"""{"status":"success","data":{"items":[{"key":"k\"é","revision":{{{revision}}}}],"prefixes":[],"cursor":null,"list_complete":true}}""",
            Cancelled);
        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data?include=value,metadata"), 200,
            $$$"""{"status":"success","data":{"items":[{"key":"k\"é","revision":{{{revision}}},"value":{"b": 1.50,"a":[1e400, "\u00e9"]}}],"prefixes":[],"cursor":null,"list_complete":true}}""",
            Cancelled);
    }

    [Fact]
    public async Task Head_answers_as_Get_does_without_the_body()
    {
        await user.StoreAsync("k", "1");
        var get = await user.GetAsync("/api/data");
        var head = await user.SendAsync(HttpMethod.Head, "/api/data");

        Assert.Equal(200, (int)head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal("", await head.Content.ReadAsStringAsync(Cancelled));
    }

    [Fact]
    public async Task Keys_come_in_the_order_of_their_bytes_whatever_the_pages()
    {
        string[] keys =
        [
            "a", "A", "a b", "a/b", "a/b/c", "a0", "aa", "B", "b", "Z", "z", "é", "e\u0301", "\u007e", "\ud7ff", "\ue000", "\uffff", "\ufffd", "😀",
            "\U0010ffff", "\U0010ffff\U0010ffff", "100%", "quote\"", "back\\", "שלום", " ", "!", "_", string.Concat(Enumerable.Repeat("\U0010ffff", 128)),
            new string('k', 512),
        ];
        foreach (var key in keys)
            await user.StoreAsync(key, "1");

        var expected = keys.OrderBy(key => Convert.ToHexString(Encoding.UTF8.GetBytes(key)), StringComparer.Ordinal).ToArray();
        foreach (var limit in new[] { 1, 2, 7, 1000 })
            Assert.Equal(expected, await user.ListAsync("", limit));
    }

    [Theory]
    [InlineData("a/")]
    [InlineData("a")]
    [InlineData("😀")]
    [InlineData("\ud7ff")]
    [InlineData("\U0010ffff")]
    [InlineData("%")]
    [InlineData("_")]
    [InlineData(".")]
    [InlineData("nothing")]
    public async Task A_prefix_selects_exactly_the_keys_that_begin_with_it(string prefix)
    {
        string[] keys =
        [
            "a", "a/", "a/b", "a/\U0010ffff", "a0", "b", "A/", "😀", "😀x", "😁", "\ud7ff", "\ud7ffx", "\ue000", "\U0010ffff", "\U0010ffff!", "%", "%a", "_", "_a",
            ".a", "x",
        ];
        foreach (var key in keys)
            await user.StoreAsync(key, "1");

        foreach (var limit in new[] { 1, 1000 })
        {
            Assert.Equal(
                keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal),
                (await user.ListAsync($"prefix={Uri.EscapeDataString(prefix)}", limit)).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_delimiter_groups_keys_into_folders()
    {
        foreach (var key in new[] { "a", "a/b", "a/c/d", "a/c/e", "b/", "b/x", "c//d", "d" })
            await user.StoreAsync(key, "1");

        await AssertListedAsync("delimiter=/", ["a", "d"], ["a/", "b/", "c/"]);
        await AssertListedAsync("delimiter=/&prefix=a/", ["a/b"], ["a/c/"]);
        await AssertListedAsync("delimiter=/&prefix=a", ["a"], ["a/"]);
        await AssertListedAsync("delimiter=/&prefix=b/", ["b/", "b/x"], []);
        await AssertListedAsync("delimiter=//", ["a", "a/b", "a/c/d", "a/c/e", "b/", "b/x", "d"], ["c//"]);
        await AssertListedAsync("delimiter=/c/", ["a", "a/b", "b/", "b/x", "c//d", "d"], ["a/c/"]);
        await AssertListedAsync("delimiter=/&prefix=none", [], []);
    }

    [Fact]
    public async Task Pages_of_folders_count_items_and_folders_and_lose_none()
    {
        var keys = Enumerable.Range(0, 40).Select(i => i % 3 == 0 ? $"k{i:D2}" : $"k{i:D2}/{i}").ToArray();
        foreach (var key in keys)
        {
            await user.StoreAsync(key, "1");
            if (key.Contains('/', StringComparison.Ordinal))
                await user.StoreAsync($"{key}/more", "1");
        }

        foreach (var limit in new[] { 1, 3, 39, 40, 41 })
        {
            var (items, prefixes) = await user.ListFoldersAsync("delimiter=/&prefix=k", limit);
            Assert.Equal(keys.Where(key => !key.Contains('/', StringComparison.Ordinal)), items);
            Assert.Equal(keys.Where(key => key.Contains('/', StringComparison.Ordinal)).Select(key => key[..4]), prefixes);
        }
    }

    [Fact]
    public async Task Deleted_and_expired_keys_are_not_listed_and_neither_are_their_folders()
    {
        foreach (var key in new[] { "a/deleted", "b", "c/expired", "d", "e/expired", "e/live" })
            await user.StoreAsync(key, "1");
        await user.DeleteAsync("/api/data/a/deleted");
        await world.ExecuteAsync($"UPDATE entries SET expires_at = now() - interval '1 second' WHERE owner = '{user.Subject}' AND key LIKE '%expired'");

        Assert.Equal(["b", "d", "e/live"], await user.ListAsync("", 2));
        await AssertListedAsync("delimiter=/", ["b", "d"], ["e/"]);
    }

    [Fact]
    public async Task A_page_skips_a_limited_number_of_deleted_keys_and_the_next_continues()
    {
        await world.ExecuteAsync(
            $"""
            INSERT INTO entries (owner, key, value, revision, created_at, updated_at, deleted_at)
            SELECT '{user.Subject}', 'dead/' || lpad(i::text, 6, '0'), NULL, i, now(), now(), now() FROM generate_series(1, 25000) i
            """);
        await user.StoreAsync("first", "1");
        await user.StoreAsync("a", "1");

        foreach (var query in new[] { "", "delimiter=/" })
        {
            Assert.Equal(["a", "first"], await user.ListAsync(query, 1));
            Assert.Equal(["a", "first"], await user.ListAsync(query, 1000));
        }
    }

    [Fact]
    public async Task A_page_with_large_values_ends_early_and_the_next_continues()
    {
        var value = $"\"{new string('x', 1_000_000)}\"";
        foreach (var key in Enumerable.Range(0, 9).Select(i => $"k{i}"))
            await user.StoreAsync(key, value);

        foreach (var query in new[] { "include=value", "include=value&delimiter=/" })
        {
            using var page = await user.PageAsync($"{query}&limit=1000");
            Assert.False(page.RootElement.GetProperty("list_complete").GetBoolean());
            Assert.InRange(page.RootElement.GetProperty("items").GetArrayLength(), 1, 6);
            Assert.Equal(9, (await user.ListAsync(query, 1000)).Length);
        }
    }

    [Theory]
    [InlineData("limit=0", "INVALID_LIMIT")]
    [InlineData("limit=1001", "INVALID_LIMIT")]
    [InlineData("limit=-1", "INVALID_LIMIT")]
    [InlineData("limit=", "INVALID_LIMIT")]
    [InlineData("limit=x", "INVALID_LIMIT")]
    [InlineData("limit=1&limit=2", "INVALID_LIMIT")]
    [InlineData("limit=99999999999999999999", "INVALID_LIMIT")]
    [InlineData("cursor=x", "INVALID_CURSOR")]
    [InlineData("cursor=%00", "INVALID_CURSOR")]
    [InlineData("cursor=AAAAAAAAAAAAAAAA", "INVALID_CURSOR")]
    [InlineData("cursor=';DROP%20TABLE%20entries--", "INVALID_CURSOR")]
    [InlineData("prefix=%FF", "INVALID_KEY")]
    [InlineData("prefix=%00", "INVALID_KEY")]
    [InlineData("prefix=%0A", "INVALID_KEY")]
    [InlineData("delimiter=%00", "INVALID_REQUEST")]
    [InlineData("delimiter=%F4%8F%BF%BF", "INVALID_REQUEST")]
    [InlineData("include=values", "INVALID_REQUEST")]
    public async Task Invalid_parameters_are_refused(string query, string code)
    {
        var response = await user.GetAsync($"/api/data?{query}");
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains($"\"code\":\"{code}\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cursor_is_valid_only_for_its_owner_and_its_query()
    {
        var other = world.Data.NewUser();
        foreach (var key in new[] { "a/1", "a/2", "a/3" })
        {
            await user.StoreAsync(key, "1");
            await other.StoreAsync(key, "1");
        }

        using var page = await user.PageAsync("prefix=a/&limit=1");
        var cursor = page.RootElement.GetProperty("cursor").GetString();
        Assert.Equal(200, (int)(await user.GetAsync($"/api/data?prefix=a/&cursor={cursor}")).StatusCode);
        Assert.Equal(200, (int)(await world.SecondReplica.As(user.Subject).GetAsync($"/api/data?prefix=a/&limit=2&cursor={cursor}")).StatusCode);

        foreach (var response in new[]
        {
            await other.GetAsync($"/api/data?prefix=a/&cursor={cursor}"), await user.GetAsync($"/api/data?cursor={cursor}"),
            await user.GetAsync($"/api/data?prefix=a/&delimiter=/&cursor={cursor}"), await user.GetAsync($"/api/data?prefix=a/&cursor={cursor}A"),
        })
        {
            await Envelope.AssertErrorAsync(response, 400, "INVALID_CURSOR",
                "The provided cursor is not valid. It must be one that this very query answered.", Cancelled);
        }
    }

    [Fact]
    public async Task Keys_of_other_owners_are_not_listed()
    {
        await world.Data.NewUser().StoreAsync("theirs", "1");
        await user.StoreAsync("mine", "1");

        Assert.Equal(["mine"], await user.ListAsync("", 1000));
    }

    [Fact]
    public async Task A_key_that_stays_is_listed_once_while_others_come_and_go()
    {
        var staying = Enumerable.Range(0, 300).Select(i => $"k{i:D4}/stays").ToArray();
        await Task.WhenAll(staying.Select(key => user.StoreAsync(key, "1")));

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var churn = Task.WhenAll(Enumerable.Range(0, 4).Select(worker => ChurnAsync(worker, enough.Token)));
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(staying, (await user.ListAsync("", 37)).Where(key => key.EndsWith("/stays", StringComparison.Ordinal)));
            var (_, prefixes) = await user.ListFoldersAsync("delimiter=/", 37);
            Assert.Equal(staying.Select(key => key[..6]), prefixes.Where(prefix => staying.Contains($"{prefix}stays")));
        }

        await enough.CancelAsync();
        await churn;
    }

    private async Task ChurnAsync(int worker, CancellationToken enough)
    {
        for (var i = 0; i < 10_000 && !enough.IsCancellationRequested; i++)
        {
            var key = $"k{(i * 37) % 300:D4}/goes-{worker}-{i}";
            await user.StoreAsync(key, "1");
            await user.DeleteAsync($"/api/data/{key}");
        }
    }

    private async Task AssertListedAsync(string query, string[] items, string[] prefixes)
    {
        using var page = await user.PageAsync(query);
        Assert.Equal(items, page.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("key").GetString()));
        Assert.Equal(prefixes, page.RootElement.GetProperty("prefixes").EnumerateArray().Select(prefix => prefix.GetString()));
        Assert.True(page.RootElement.GetProperty("list_complete").GetBoolean());
        Assert.Equal(JsonValueKind.Null, page.RootElement.GetProperty("cursor").ValueKind);
    }
}
