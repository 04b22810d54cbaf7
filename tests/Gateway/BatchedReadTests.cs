using System.Buffers;
using System.Text;
using KvAspire.Gateway.Tests.Edge;
using KvAspire.ServiceDefaults.BatchedReads;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;

namespace KvAspire.Gateway.Tests;

/// <summary>Whatever listens to traces in this process has them recorded: these run when no other gateway does.</summary>
[CollectionDefinition(nameof(BatchedReadTests), DisableParallelization = true)]
public sealed class Untraced;

/// <summary>Plain reads that nobody traces go to the data service together, and their clients do not notice.</summary>
[Collection(nameof(BatchedReadTests))]
public sealed class BatchedReadTests : IAsyncLifetime
{
    private const int Readers = 64;

    private TestIssuer issuer = null!;
    private Backend data = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private int Batches => data.Arrivals.Count(arrival => arrival.Target == ReadBatch.Path);

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        data = await Backend.StartAsync("data");
        data.Answer = AnswerAsync;
    }

    public async ValueTask DisposeAsync()
    {
        await data.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Fact]
    public async Task Reads_that_come_at_the_same_moment_go_as_few_requests_and_each_gets_its_own()
    {
        await using var gateway = Start();
        using var client = await KnownClientAsync(gateway);

        await ReadManyAsync(client, 20);

        Assert.True(Batches < Readers * 20 / 2, $"{Batches} requests for {Readers * 20} reads");
        Assert.DoesNotContain(data.Arrivals, arrival => arrival.Target.StartsWith("/api/data/k", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_has_all_headers_that_an_ordinary_one_has()
    {
        await using var gateway = Start();
        using var client = await KnownClientAsync(gateway);

        using var answer = await client.GetAsync("/api/data/k1", Cancelled);

        Assert.Equal(1, Batches);
        Assert.Equal("\"7\"", answer.Headers.ETag?.Tag);
        Assert.Equal("kvaspire; hit", answer.Headers.GetValues("Cache-Status").Single());
        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("value of k1".Length, answer.Content.Headers.ContentLength);
        foreach (var name in new[] { "X-Content-Type-Options", "Referrer-Policy", "Content-Security-Policy", "RateLimit", "RateLimit-Policy" })
            Assert.True(answer.Headers.Contains(name), name);
    }

    [Fact]
    public async Task What_is_not_there_is_404_in_the_envelope()
    {
        await using var gateway = Start();
        using var client = await KnownClientAsync(gateway);

        using var answer = await client.GetAsync("/api/data/none", Cancelled);

        await Envelope.AssertErrorAsync(answer, 404, "KEY_NOT_FOUND", "The provided key does not exist in the database.", Cancelled);
        Assert.Equal("kvaspire; hit", answer.Headers.GetValues("Cache-Status").Single());
    }

    [Fact]
    public async Task What_the_batch_cannot_answer_is_forwarded_as_it_came_and_counted_once()
    {
        await using var gateway = Start("5");
        using var client = await KnownClientAsync(gateway); // the first of the five

        for (var i = 0; i < 4; i++)
        {
            using var answer = await client.GetAsync("/api/data/elsewhere%2F%C3%A9", Cancelled);
            Assert.Equal("alone", await answer.Content.ReadAsStringAsync(Cancelled));
        }

        Assert.Equal(4, Batches);
        Assert.Equal(4, data.Arrivals.Count(arrival => arrival.Target == "/api/data/elsewhere%2F%C3%A9"));
        using var beyond = await client.GetAsync("/api/data/k1", Cancelled);
        Assert.Equal(429, (int)beyond.StatusCode);
        Assert.True(beyond.Headers.RetryAfter is not null);
        Assert.Equal(4, Batches);
    }

    [Theory]
    [InlineData("/api/data/k1?key=k2")]
    [InlineData("/api/data/k1", "If-None-Match", "\"7\"")]
    [InlineData("/api/data/k1", "If-Match", "\"7\"")]
    [InlineData("/api/data/k1", "Cache-Control", "no-cache")]
    [InlineData("/api/data/k1", "Origin", "https://app.example")]
    [InlineData("/api/data?key=k1")]
    [InlineData("/api/data/")]
    [InlineData("/api/data")]
    public async Task What_is_more_than_a_plain_read_is_forwarded_as_it_came(string target, string? name = null, string? value = null)
    {
        await using var gateway = Start();
        using var client = await KnownClientAsync(gateway);
        if (name is not null)
            client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);

        using var answer = await client.GetAsync(target, Cancelled);

        Assert.Equal("alone", await answer.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(0, Batches);
    }

    [Theory]
    [InlineData("kv:write", 403)]
    [InlineData("", 401)]
    public async Task A_token_that_does_not_grant_it_reads_nothing(string scope, int status)
    {
        await using var gateway = Start();
        using var client = gateway.Client(scope.Length > 0 ? issuer.Issue("user", scope) : "no.good.token");
        for (var i = 0; i < 2; i++)
        {
            using var answer = await client.GetAsync("/api/data/k1", Cancelled);
            Assert.Equal(status, (int)answer.StatusCode);
        }

        Assert.Empty(data.Arrivals);
    }

    [Fact]
    public async Task Each_token_is_brought_to_the_service_and_each_read_says_which_is_its()
    {
        await using var gateway = Start();
        using var one = await KnownClientAsync(gateway, "one");
        using var two = await KnownClientAsync(gateway, "two");

        var reads = Enumerable.Range(0, Readers).Select(async i =>
        {
            using var answer = await (i % 2 == 0 ? one : two).GetAsync("/api/data/subject", Cancelled);
            Assert.Equal(i % 2 == 0 ? "one" : "two", await answer.Content.ReadAsStringAsync(Cancelled));
        });

        await Task.WhenAll(reads);
        Assert.True(Batches > 0);
    }

    [Fact]
    public async Task A_traced_read_goes_alone_so_that_its_trace_is_whole()
    {
        await using var gateway = New().With("data", "h2c", data.Address).With("Telemetry:TracesPerSecond", "1000000").Start();
        using var client = await KnownClientAsync(gateway);
        using var answer = await client.GetAsync("/api/data/k1", Cancelled);
        Assert.Equal("alone", await answer.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(0, Batches);
    }

    [Theory]
    [InlineData("not found")]
    [InlineData("broken")]
    [InlineData("cut")]
    public async Task Where_the_service_answers_no_batch_every_read_goes_alone(string how)
    {
        data.Answer = context => context.Request.Path == ReadBatch.Path ? FailAsync(context, how) : context.Response.WriteAsync("alone", Cancelled);
        await using var gateway = Start();
        using var client = await KnownClientAsync(gateway);

        for (var i = 0; i < 5; i++)
        {
            using var answer = await client.GetAsync("/api/data/k1", Cancelled);
            Assert.Equal((200, "alone"), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled)));
        }
    }

    [Fact]
    public async Task When_a_replica_dies_or_hangs_no_read_fails()
    {
        await using var other = await Backend.StartAsync("other");
        other.Answer = AnswerAsync;
        await using var third = await Backend.StartAsync("third");
        third.Answer = context => context.Request.Path == ReadBatch.Path ? Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted) : AnswerAsync(context);
        await using var gateway = New().With("data", "h2c", data.Address, other.Address, third.Address).Start();
        using var client = await KnownClientAsync(gateway);

        var reads = Enumerable.Range(0, Readers).Select(async reader =>
        {
            for (var i = 0; i < 60; i++)
            {
                using var answer = await client.GetAsync($"/api/data/k{reader}-{i}", Cancelled);
                Assert.Contains(await answer.Content.ReadAsStringAsync(Cancelled), new[] { $"value of k{reader}-{i}", "alone" });
            }
        }).ToArray();
        await Task.Delay(100, Cancelled);
        await other.KillAsync();
        await Task.WhenAll(reads);
    }

    private GatewayUnderTest Start(string limit = "0") => New().With("data", "h2c", data.Address).With("RateLimits:Read:Limit", limit is "0" ? "1000000" : limit).Start();

    private GatewayUnderTest New() => new GatewayUnderTest().With(issuer).With("identity", "http", issuer.Address).With("Telemetry:TracesPerSecond", "0");

    // A batch takes tokens that the gateway has checked before.
    private async Task<HttpClient> KnownClientAsync(GatewayUnderTest gateway, string subject = "user")
    {
        var client = gateway.Client(issuer.Issue(subject));
        using var first = await client.GetAsync("/api/usage", Cancelled);
        Assert.Equal(200, (int)first.StatusCode);
        return client;
    }

    private static Task ReadManyAsync(HttpClient client, int each) => Task.WhenAll(Enumerable.Range(0, Readers).Select(async reader =>
    {
        for (var i = 0; i < each; i++)
        {
            using var answer = await client.GetAsync($"/api/data/k{reader}-{i}", Cancelled);
            Assert.Equal((200, $"value of k{reader}-{i}"), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled)));
        }
    }));

    // A data service, of which every key has a value but for some.
    private static async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path != ReadBatch.Path)
        {
            await context.Response.WriteAsync("alone", context.RequestAborted);
            return;
        }

        var answers = new ArrayBufferWriter<byte>();
        foreach (var (token, key) in Reads(context))
        {
            if (key is "none")
                answers.Write(ReadAnswerKind.None);
            else if (key.StartsWith("elsewhere", StringComparison.Ordinal))
                answers.Write(ReadAnswerKind.Elsewhere);
            else
                answers.WriteEntry(7, Encoding.UTF8.GetBytes(key is "subject" ? SubjectOf(token) : $"value of {key}"));
        }

        context.Response.ContentType = ReadAnswers.ContentType;
        context.Response.ContentLength = answers.WrittenCount;
        await context.Response.Body.WriteAsync(answers.WrittenMemory, context.RequestAborted);
    }

    private static List<(string Token, string Key)> Reads(HttpContext context)
    {
        ReadOnlySpan<byte> rest = ((MemoryStream)context.Request.Body).ToArray();
        var (tokens, reads) = (new List<string>(), new List<(string, string)>());
        Assert.True(ReadBatch.TryReadCount(ref rest, out var count));
        while (tokens.Count < count && ReadBatch.TryReadText(ref rest, out var token))
            tokens.Add(Encoding.ASCII.GetString(token));

        Assert.True(ReadBatch.TryReadCount(ref rest, out count));
        while (reads.Count < count && ReadBatch.TryReadCount(ref rest, out var number) && ReadBatch.TryReadText(ref rest, out var key))
            reads.Add((tokens[number], Encoding.ASCII.GetString(key)));

        Assert.Equal((count, 0), (reads.Count, rest.Length));
        return reads;
    }

    private static string SubjectOf(string token) => new JsonWebTokenHandler().ReadJsonWebToken(token).Subject;

    private static Task FailAsync(HttpContext context, string how)
    {
        if (how is "not found")
            context.Response.StatusCode = StatusCodes.Status404NotFound; // a service of before
        else if (how is "cut")
            context.Abort();
        else
            (context.Response.ContentType, context.Response.ContentLength) = (ReadAnswers.ContentType, 0);
        return Task.CompletedTask;
    }
}
