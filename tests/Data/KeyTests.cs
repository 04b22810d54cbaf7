using System.Text.Encodings.Web;
using System.Text.Json;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Keys: which are valid, and that each request reaches exactly the key that it spells.</summary>
public sealed class KeyTests(World world)
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> KeysThatAPathCarries => new()
    {
        { "k", "k" },
        { "users/42", "users/42" },
        { "a/b/", "a/b/" },
        { "a.b..c", "a.b..c" },
        { "...", "..." },
        { "100%", "100%25" },
        { "a%41b", "a%2541b" },
        { "a b", "a%20b" },
        { " ", "%20" },
        { "a+b", "a%2Bb" },
        { "what?#&=;:@,!$'()*", "what%3F%23%26%3D%3B%3A%40%2C%21%24%27%28%29%2A" },
        { "quotes\"'`", "quotes%22%27%60" },
        { """back\slash""", "back%5Cslash" },
        { "<&>", "%3C%26%3E" },
        { "😀", "%F0%9F%98%80" },
        { "👩‍👩‍👧", "%F0%9F%91%A9%E2%80%8D%F0%9F%91%A9%E2%80%8D%F0%9F%91%A7" },
        { "e\u0301", "e%CC%81" },
        { "\u00e9", "%C3%A9" },
        { "שלום", "%D7%A9%D7%9C%D7%95%D7%9D" },
        { new string('k', 512), new string('k', 512) },
        { string.Concat(Enumerable.Repeat("😀", 128)), string.Concat(Enumerable.Repeat("%F0%9F%98%80", 128)) },
    };

    public static TheoryData<string, string> KeysThatOnlyTheQueryCarries => new()
    {
        { "/", "%2F" },
        { "/leading", "%2Fleading" },
        { "a//b", "a%2F%2Fb" },
        { "a//", "a%2F%2F" },
        { "a/../b", "a%2F..%2Fb" },
        { "./a", ".%2Fa" },
        { "a/.", "a%2F." },
        { "a%2Fb", "a%252Fb" },
        { "a%2fb", "a%252fb" },
    };

    public static TheoryData<string> TextsThatAreNoKeys =>
    [
        "\"\"", "\".\"", "\"..\"", "\"a\\u0000b\"", "\"a\\nb\"", "\"\\u007f\"", "\"\\u0085\"", "\"\\ud800\"", "\"\\udc00a\"", "null", "1", "true",
        "[\"k\"]", "{}", $"\"{new string('k', 513)}\"", $"\"{string.Concat(Enumerable.Repeat("😀", 128))}k\"",
    ];

    // For GET, these targets are the collection.
    public static TheoryData<string> TargetsWithoutKey => ["/api/data", "/api/data/", "/api/data?", "/api/data?other=k", "/api/data?prefix=k"];

    public static TheoryData<string> TargetsThatNameNoKey =>
    [
        "/api/data?key", "/api/data?key=", "/api/data?key=a&key=b",
        "/api/data?key=.", "/api/data?key=..", "/api/data?key=%00", "/api/data?key=%0A", "/api/data?key=%C2%85", "/api/data?key=%FF",
        "/api/data?key=%C3", "/api/data?key=%ED%A0%80", "/api/data?key=%zz", "/api/data?key=%", "/api/data?key=%4",
        "/api/data//leading", "/api/data/a//b", "/api/data/a//", "/api/data/%2Fleading", "/api/data/a%2F%2Fb", "/api/data/a%252Fb",
        "/api/data/a%252fb", "/api/data/.", "/api/data/a/../b", "/api/data/a/%2e%2e/b", "/api/data/a/./b", "/api/data/a%2F..%2Fb",
        "/api/data/%FF", "/api/data/%C3", "/api/data/%0A", "/api/data/%7F", "/api/data/a%zz", "/api/data/a%", "/api/other/../data/k",
    ];

    [Theory]
    [MemberData(nameof(KeysThatAPathCarries))]
    public async Task A_key_that_a_path_can_carry_is_reached_by_path_and_by_query(string key, string spelling) =>
        await AssertReachedAsync(key, $"/api/data/{spelling}", $"/api/data/{spelling}", $"/api/data?key={Uri.EscapeDataString(key)}");

    [Theory]
    [MemberData(nameof(KeysThatOnlyTheQueryCarries))]
    public async Task Any_other_key_is_reached_by_query(string key, string spelling) =>
        await AssertReachedAsync(key, $"/api/data?key={Uri.EscapeDataString(key)}", $"/api/data?key={spelling}", $"/api/data?a=b&key={spelling}&c=d");

    [Theory]
    [MemberData(nameof(TextsThatAreNoKeys))]
    public async Task An_invalid_key_is_not_stored(string key) =>
        await AssertInvalidAsync(await user.PostAsync($$"""{"key":{{key}},"value":1}"""));

    [Theory]
    [MemberData(nameof(TargetsThatNameNoKey))]
    public async Task A_target_that_does_not_name_exactly_one_key_is_refused(string target)
    {
        await AssertInvalidAsync(await user.GetAsync(target));
        await AssertNotChangedAsync(target);
    }

    [Theory]
    [MemberData(nameof(TargetsWithoutKey))]
    public async Task Without_a_key_nothing_is_changed(string target) => await AssertNotChangedAsync(target);

    [Fact]
    public async Task A_missing_key_is_not_valid()
    {
        await AssertInvalidAsync(await user.PostAsync("""{"value":1}"""));
        await AssertInvalidAsync(await user.PostAsync("{}"));
    }

    [Theory]
    [InlineData("/api/data/a%2Fb")]
    [InlineData("/api/data/%61/%62")]
    [InlineData("/API/Data/a/b")]
    [InlineData("/api/data/a/b?key=other")]
    [InlineData("/api/data/?key=a/b")]
    [InlineData("/api/data?key=%61%2Fb")]
    public async Task Another_spelling_of_a_key_is_the_same_key(string target)
    {
        await user.StoreAsync("a/b", "1");

        await Envelope.AssertBodyAsync(await user.GetAsync(target), 200, User.Found("a/b", "1"), Cancelled);
    }

    [Fact]
    public async Task In_a_query_plus_is_a_space_and_in_a_path_it_is_plus()
    {
        await user.StoreAsync("a b", "\"space\"");
        await user.StoreAsync("a+b", "\"plus\"");

        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data?key=a+b"), 200, User.Found("a b", "\"space\""), Cancelled);
        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/a+b"), 200, User.Found("a+b", "\"plus\""), Cancelled);
    }

    [Fact]
    public async Task Keys_that_look_alike_are_different_keys()
    {
        string[] keys = ["k", "K", "k/", "k ", " k", "\u212a", "e\u0301", "\u00e9", "a b", "a%20b", "a%2520b", "ß", "ss"];
        foreach (var (i, key) in keys.Index())
            await user.StoreAsync(key, $"{i}");

        foreach (var (i, key) in keys.Index())
            await AssertFoundAsync($"/api/data?key={Uri.EscapeDataString(key)}", key, $"{i}");
    }

    private async Task AssertNotChangedAsync(string target)
    {
        await AssertInvalidAsync(await user.PutAsync(target, """{"value":1}"""));
        await AssertInvalidAsync(await user.DeleteAsync(target));
    }

    private async Task AssertReachedAsync(string key, string location, params string[] targets)
    {
        var stored = await user.StoreAsync(key, "0");
        Assert.Equal(location, stored.Headers.Location?.OriginalString);

        foreach (var (i, target) in targets.Append(location).Index())
        {
            Assert.Equal(200, (int)(await user.PutAsync(target, $$"""{"value":{{i}}}""")).StatusCode);
            foreach (var other in targets)
                await AssertFoundAsync(other, key, $"{i}");
        }

        Assert.Equal(200, (int)(await user.DeleteAsync(location)).StatusCode);
        Assert.Equal(404, (int)(await user.GetAsync(targets[0])).StatusCode);
    }

    private async Task AssertFoundAsync(string target, string key, string value) => await Envelope.AssertBodyAsync(
        await user.GetAsync(target), 200, User.Found(JsonSerializer.Serialize(key, Relaxed)[1..^1], value), Cancelled);

    private static async Task AssertInvalidAsync(HttpResponseMessage response) => await Envelope.AssertErrorAsync(
        response, 400, "INVALID_KEY", "The provided key is not valid or missing.", Cancelled);
}
