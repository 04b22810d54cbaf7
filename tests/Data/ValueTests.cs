using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Values come back as they were sent, from the cache and from Postgres.</summary>
public sealed class ValueTests(World world)
{
    private const int MiB = 1024 * 1024;

    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> Values =>
    [
        "0", "-0", "1.0", "1e2", "1E+2", "12345678901234567890123456789012345678901234567890", "0.1e-400", "-1.7976931348623157e+309",
        "true", "false", "\"\"", "[]", "{}", "[ ]", "{ }",
        "\"plain\"", "\"é😀שלום\"", """
        "\" \\ \/ \b \f \n \r \t \u0000 \u00e9 \uD83D\uDE00"
        """, """
        "\ud800"
        """, "\"<script>&'+\"", "\"\u2028\u007f\u0085\"",
        """{"a":1,"a":2,"a":{"a":3}}""", """{"b":null,"a":[null]}""", """{ "b" : [ 1 ,  2 ] , "a"	: "x" }""",
        "{\n  \"multi\": \"line\",\r\n\t\"tabs\": []\n}", """{"":"","key":"k","value":1,"status":"error"}""",
        new string('[', 63) + new string(']', 63),
    ];

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_value_comes_back_as_it_was_sent(string value)
    {
        await user.StoreAsync("k", value);
        await AssertValueAsync("k", value);

        Assert.Equal(200, (int)(await user.PutAsync("/api/data/k", $$"""{"value": {{value}} }""")).StatusCode);
        await AssertValueAsync("k", value);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(64 * 1024)]
    [InlineData(MiB)]
    public async Task A_large_value_comes_back_as_it_was_sent(int bytes)
    {
        var value = $"[\"{new string('x', bytes - 8)}😀\"]";

        await user.StoreAsync("large", value);
        await AssertValueAsync("large", value);
    }

    [Fact]
    public async Task A_value_of_one_MiB_is_stored_and_one_byte_more_is_refused()
    {
        var largest = $"\"{new string('é', (MiB - 2) / 2)}\"";
        await user.StoreAsync("largest", largest);
        await AssertValueAsync("largest", largest);

        var tooLarge = largest.Insert(1, "x");
        await AssertTooLargeAsync(await user.PostAsync(User.Entry("larger", tooLarge)));
        await AssertTooLargeAsync(await user.PutAsync("/api/data/largest", $$"""{"value":{{tooLarge}}}"""));
        await AssertValueAsync("largest", largest);
    }

    [Theory]
    [InlineData(MiB + 1)]
    [InlineData(MiB + (66 * 1024))]
    [InlineData((2 * MiB) - 100)]
    public async Task A_value_beyond_the_limit_is_refused_as_a_value_up_to_the_limit_of_the_body(int bytes)
    {
        var value = $"\"{new string('x', bytes - 2)}\"";
        await AssertTooLargeAsync(await user.PostAsync(User.Entry("larger", value)));
        await AssertTooLargeAsync(await user.PutAsync("/api/data/larger?upsert=true", $$"""{"value":{{value}}}"""));
        await AssertTooLargeInOperationsAsync(value);
        Assert.Equal(404, (int)(await user.GetAsync("/api/data/larger")).StatusCode);
    }

    [Fact]
    public Task A_value_of_15_MiB_in_an_operation_is_refused_as_a_value() => AssertTooLargeInOperationsAsync($"\"{new string('x', 15 * MiB)}\"");

    [Theory]
    [InlineData("""{"key":"k"}""")]
    [InlineData("""{"key":"k","value":null}""")]
    [InlineData("""{"key":"k","Value":1}""")]
    [InlineData("""{"key":"k","value":1,"value":null}""")]
    public async Task A_missing_value_is_not_valid(string body)
    {
        await user.StoreAsync("there", "1");

        await AssertInvalidAsync(await user.PostAsync(body));
        await AssertInvalidAsync(await user.PutAsync("/api/data/there", body));
    }

    [Fact]
    public async Task The_key_is_checked_before_the_value()
    {
        await Envelope.AssertErrorAsync(await user.PostAsync("""{"key":"","value":null}"""), 400, "INVALID_KEY",
            "The provided key is not valid or missing.", Cancelled);
        await Envelope.AssertErrorAsync(await user.PutAsync("/api/data?key=", "[]"), 400, "INVALID_KEY",
            "The provided key is not valid or missing.", Cancelled);
    }

    [Fact]
    public async Task Unknown_fields_are_ignored()
    {
        Assert.Equal(201, (int)(await user.PostAsync("""{"owner":"else","key":"k","x":{"key":"other"},"value":1,"y":[]}""")).StatusCode);
        await AssertValueAsync("k", "1");
    }

    // From the replica that wrote it, from another through the cache, and from one without a cache.
    private async Task AssertValueAsync(string key, string value)
    {
        foreach (var reader in new[] { user, world.SecondReplica.As(user.Subject), world.WithoutCache.As(user.Subject) })
            await Envelope.AssertBodyAsync(await reader.GetAsync($"/api/data/{key}"), 200, User.Found(key, value), Cancelled);
    }

    private async Task AssertTooLargeInOperationsAsync(string value)
    {
        var operations = $$"""{"operations":[{"op":"put","key":"larger","value":{{value}}}]}""";
        await Envelope.AssertBodyAsync(await user.SendAsync(HttpMethod.Post, "/api/bulk", User.Json(operations)), 200,
            """{"status":"success","data":{"results":[{"key":"larger","status":413,"code":"VALUE_TOO_LARGE","message":"The provided value is larger than 1 MiB of JSON.","errors":{"operations[0].value":["The provided value is larger than 1 MiB of JSON."]}}]}}""",
            Cancelled);
        await Envelope.AssertErrorAsync(await user.SendAsync(HttpMethod.Post, "/api/txn", User.Json(operations)), 413, "VALUE_TOO_LARGE",
            "operations[0]: The provided value is larger than 1 MiB of JSON.", Cancelled,
            """{"operations[0].value":["The provided value is larger than 1 MiB of JSON."]}""");
    }

    private static async Task AssertTooLargeAsync(HttpResponseMessage response) => await Envelope.AssertErrorAsync(
        response, 413, "VALUE_TOO_LARGE", "The provided value is larger than 1 MiB of JSON.", Cancelled);

    private static async Task AssertInvalidAsync(HttpResponseMessage response) => await Envelope.AssertErrorAsync(
        response, 400, "INVALID_VALUE", "The provided value is not valid or missing.", Cancelled);
}
