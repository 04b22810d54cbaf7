using System.Text;
using KvAspire.GatewayProtocol;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Batches of reads: each read is checked like a single one, and answered only from the cache.</summary>
public sealed class BatchedReadTests(World world) : IDisposable
{
    private readonly Batch batch = new(world);
    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Token => world.Issuer.Issue(user.Subject);

    public void Dispose() => batch.Dispose();

    [Fact]
    public async Task Each_read_of_a_batch_gets_the_answer_of_a_single_read()
    {
        await user.StoreAsync("a", """{"big":12345678901234567890,"text":"é"}""");
        await user.StoreAsync("folder/b c", "[1.0]");
        await user.StoreAsync("gone", "1");
        await user.DeleteAsync("/api/data/gone");
        var token = await batch.KnownAsync(Token);

        var answers = await ReadAsync((token, "a"), (token, "folder/b%20c"), (token, "gone"), (token, "a"));

        Assert.Equal([ReadAnswerKind.Entry, ReadAnswerKind.Entry, ReadAnswerKind.None, ReadAnswerKind.Entry], answers.Select(answer => answer.Kind));
        foreach (var (answer, key) in answers.Zip(["a", "folder/b%20c", "", "a"]).Where(pair => pair.Second.Length > 0))
        {
            var alone = await user.GetAsync($"/api/data/{key}");
            Assert.Equal(await alone.Content.ReadAsStringAsync(Cancelled), Encoding.UTF8.GetString(answer.Body.Span));
            Assert.Equal(alone.Headers.ETag!.Tag, $"\"{answer.Revision}\"");
        }
    }

    [Fact]
    public async Task Each_user_in_a_batch_reads_their_own_entries()
    {
        var other = world.Data.NewUser();
        await user.StoreAsync("k", "1");
        await other.StoreAsync("k", "2");
        await other.StoreAsync("only other", "3");
        await user.GetAsync("/api/data/only%20other"); // caches that the key is missing
        var (mine, theirs) = (await batch.KnownAsync(Token), await batch.KnownAsync(world.Issuer.Issue(other.Subject)));

        var answers = await ReadAsync((mine, "k"), (theirs, "k"), (mine, "only%20other"), (theirs, "only%20other"));

        Assert.Equal(["1", "2", null, "3"], answers.Select(Value));
        Assert.Equal(ReadAnswerKind.None, answers[2].Kind);
    }

    [Fact]
    public async Task A_cache_miss_is_left_to_the_ordinary_request()
    {
        await user.StoreAsync("k", "1");
        var token = await batch.KnownAsync(Token);
        await using var redis = await RedisServer.ConnectAsync(world.Cache);
        await redis.EvictAsync(user.Subject);

        Assert.Equal([ReadAnswerKind.Declined], (await ReadAsync((token, "k"))).Select(answer => answer.Kind));
    }

    [Fact]
    public async Task An_expired_entry_is_not_found()
    {
        await user.PostAsync("""{"key":"k","value":1,"ttl_seconds":1}""");
        var token = await batch.KnownAsync(Token);
        Assert.Equal(ReadAnswerKind.Entry, (await ReadAsync((token, "k")))[0].Kind);
        await Task.Delay(1100, Cancelled);
        Assert.NotEqual(ReadAnswerKind.Entry, (await ReadAsync((token, "k")))[0].Kind);
    }

    [Fact]
    public async Task A_token_must_be_known_to_the_service_and_grant_the_request()
    {
        await user.StoreAsync("k", "1");
        await user.StoreAsync("part/k", "2");
        var unknown = Token;
        var writer = await batch.KnownAsync(world.Issuer.Issue(user.Subject, "kv:write"));
        var description = world.Issuer.Describe(user.Subject);
        description.Claims["kv_prefix"] = "part/";
        var part = await batch.KnownAsync(TestIssuer.Sign(description));
        var forged = ForgedTokens.Forge(ForgedTokens.All.First(), world.Issuer, user.Subject);

        var answers = await ReadAsync((unknown, "k"), (writer, "k"), (part, "k"), (part, "part/k"), (forged, "k"), ("", "k"));

        Assert.Equal([null, null, null, "2", null, null], answers.Select(Value));
        Assert.All(answers.Where((_, index) => index is not 3), answer => Assert.Equal(ReadAnswerKind.Declined, answer.Kind));
    }

    [Fact]
    public async Task A_revoked_token_reads_nothing()
    {
        await user.StoreAsync("k", "1");
        var description = world.Issuer.Describe(user.Subject);
        description.IssuedAt = description.IssuedAt!.Value.AddSeconds(-2);
        description.Claims["jti"] = $"t-{user.Subject}";
        var token = await batch.KnownAsync(TestIssuer.Sign(description));
        Assert.Equal("1", Value((await ReadAsync((token, "k")))[0]));

        world.Issuer.Revoke("jti", $"t-{user.Subject}");

        var clock = System.Diagnostics.Stopwatch.StartNew();
        while ((await ReadAsync((token, "k")))[0].Kind is ReadAnswerKind.Entry)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), "The token still reads.");
            await Task.Delay(50, Cancelled);
        }
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/../k")]
    [InlineData("a//k")]
    [InlineData("%FF")]
    [InlineData("%")]
    [InlineData("")]
    [InlineData("%00")]
    public async Task An_invalid_key_is_left_to_the_ordinary_request(string key)
    {
        var token = await batch.KnownAsync(Token);
        Assert.Equal([ReadAnswerKind.Declined], (await ReadAsync((token, key))).Select(answer => answer.Kind));
    }

    [Fact]
    public async Task A_malformed_batch_is_refused_in_the_envelope() => await batch.AssertHostileBatchesAreRefusedAsync(
        ReadRequests.Path, Of((await batch.KnownAsync(Token), "k"), (Token, "k")), "Invalid request. The body must be a batch of reads.");

    private async Task<IReadOnlyList<ReadAnswer>> ReadAsync(params (string Token, string Key)[] reads)
    {
        var answers = ReadAnswers.Read(await batch.AskAsync(ReadRequests.Path, ReadAnswers.ContentType, Of(reads)), reads.Length);
        Assert.Equal(reads.Length, answers.Count);
        return answers;
    }

    private static byte[] Of(params (string Token, string Key)[] reads) => Batch.Of(reads, (writer, key) => writer.WriteText(key));

    private static string? Value(ReadAnswer answer) => answer.Kind is ReadAnswerKind.Entry
        ? System.Text.Json.JsonDocument.Parse(answer.Body).RootElement.GetProperty("data").GetProperty("value").GetRawText()
        : null;
}
