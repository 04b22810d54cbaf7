using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Whole numbers in all their spellings.</summary>
public sealed class CounterTests(World world)
{
    private static readonly string Nines = new('9', 100);

    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("60.0", "60")]
    [InlineData("6e1", "60")]
    [InlineData("-0", "0")]
    [InlineData("-0.0e7", "0")]
    [InlineData("-1.50e2", "-150")]
    public async Task A_new_counter_is_stored_in_digits(string delta, string value)
    {
        await Envelope.AssertBodyAsync(await AddAsync("n", delta), 200, User.Found("n", value), Cancelled);
        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/n"), 200, User.Found("n", value), Cancelled);
    }

    [Theory]
    [InlineData("60.0", "61")]
    [InlineData("6e1", "61")]
    [InlineData("600E-1", "61")]
    [InlineData("-0", "1")]
    [InlineData("-1.0", "0")]
    [InlineData("1e99", "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001")]
    public async Task A_stored_whole_number_in_any_spelling_is_a_counter(string stored, string sum)
    {
        await user.StoreAsync("n", stored);
        await Envelope.AssertBodyAsync(await AddAsync("n", "1"), 200, User.Found("n", sum), Cancelled);
    }

    [Theory]
    [InlineData("60.5")]
    [InlineData("1e-1")]
    [InlineData("1e100")]
    [InlineData("1e999")]
    [InlineData("1e9999999")]
    [InlineData("1e-9999999")]
    [InlineData("\"60\"")]
    [InlineData("[60]")]
    [InlineData("true")]
    public async Task Any_other_value_is_no_counter_and_stays(string stored)
    {
        await user.StoreAsync("n", stored);
        Assert.Equal(409, (int)(await AddAsync("n", "1")).StatusCode);
        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/n"), 200, User.Found("n", stored), Cancelled);
    }

    [Theory]
    [InlineData("60.5")]
    [InlineData("6e-1")]
    [InlineData("1e100")]
    [InlineData("1e99999999999999999999")]
    [InlineData("\"1\"")]
    [InlineData("null")]
    public async Task A_delta_that_is_no_whole_number_is_refused(string delta) => await Envelope.AssertErrorAsync(await AddAsync("n", delta), 400,
        "INVALID_REQUEST", "Invalid request. The delta must be a whole number of at most 100 digits.", Cancelled);

    [Fact]
    public async Task A_counter_reaches_100_digits_in_both_directions_and_no_more()
    {
        foreach (var sign in new[] { "", "-" })
        {
            await Envelope.AssertBodyAsync(await AddAsync($"n{sign}", sign + Nines), 200, User.Found($"n{sign}", sign + Nines), Cancelled);
            Assert.Equal(409, (int)(await AddAsync($"n{sign}", $"{sign}1")).StatusCode);
        }
    }

    [Theory]
    [InlineData("/api/data", """{"key":"k","value":1,"ttl_seconds":6e1}""")]
    [InlineData("/api/data", """{"key":"k","value":1,"ttl_seconds":60.0}""")]
    [InlineData("/api/bulk", """{"operations":[{"op":"put","key":"k","value":1,"ttl_seconds":60.00}]}""")]
    [InlineData("/api/bulk", """{"operations":[{"op":"put","key":"old","value":1,"if_match":REVISION.0},{"op":"put","key":"k","value":1}]}""")]
    [InlineData("/api/txn", """{"checks":[{"key":"old","revision":REVISION.0}],"operations":[{"op":"put","key":"k","value":1}]}""")]
    [InlineData("/api/revisions/restore", """{"key":"old","revision":REVISION.0e0}""")]
    public async Task A_whole_number_is_accepted_in_any_spelling(string target, string body)
    {
        var revision = (await user.StoreAsync("old", "1")).Headers.ETag!.Tag.Trim('"');
        var response = await user.SendAsync(HttpMethod.Post, target, User.Json(body.Replace("REVISION", revision, StringComparison.Ordinal)));

        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.IsSuccessStatusCode && !text.Contains("\"code\"", StringComparison.Ordinal), text);
    }

    private Task<HttpResponseMessage> AddAsync(string key, string delta) =>
        user.SendAsync(HttpMethod.Post, $"/api/counters/{key}", User.Json($$"""{"delta":{{delta}}}"""));
}
