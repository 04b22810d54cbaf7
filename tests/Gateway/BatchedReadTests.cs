using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.GatewayProtocol;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Http;

namespace KvAspire.Gateway.Tests;

/// <summary>Small reads that come together go to the data service as one batch.</summary>
public sealed class BatchedReadTests : IAsyncLifetime
{
    private const int Readers = 64;

    private readonly BatchingWorld world = new(ReadRequests.Path);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => world.StartAsync();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task Reads_that_come_at_the_same_moment_go_as_few_requests_and_each_gets_its_own()
    {
        await using var gateway = Start();
        using var client = await world.KnownClientAsync(gateway);

        await ReadManyAsync(client, 20);

        Assert.True(world.Batches < Readers * 20 / 2, $"{world.Batches} requests for {Readers * 20} reads");
        Assert.DoesNotContain(world.Data.Arrivals, arrival => arrival.Target.StartsWith("/api/data/k", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_has_all_headers_that_an_ordinary_one_has()
    {
        await using var gateway = Start();
        using var client = await world.KnownClientAsync(gateway);

        using var answer = await client.GetAsync("/api/data/k1", Cancelled);

        Assert.Equal(1, world.Batches);
        Assert.Equal("\"7\"", answer.Headers.ETag?.Tag);
        Assert.Equal("kvaspire; hit", answer.Headers.GetValues("Cache-Status").Single());
        Assert.True(answer.Headers.CacheControl is { Private: true, NoCache: true, NoStore: false });
        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("value of k1".Length, answer.Content.Headers.ContentLength);
        foreach (var name in new[] { "X-Content-Type-Options", "Referrer-Policy", "Content-Security-Policy", "RateLimit", "RateLimit-Policy" })
            Assert.True(answer.Headers.Contains(name), name);
    }

    [Fact]
    public async Task What_is_not_there_is_404_in_the_envelope()
    {
        await using var gateway = Start();
        using var client = await world.KnownClientAsync(gateway);

        using var answer = await client.GetAsync("/api/data/none", Cancelled);

        await Envelope.AssertErrorAsync(answer, 404, "KEY_NOT_FOUND", "The provided key does not exist in the database.", Cancelled);
        Assert.Equal("kvaspire; hit", answer.Headers.GetValues("Cache-Status").Single());
    }

    [Fact]
    public async Task What_the_batch_cannot_answer_is_forwarded_as_it_came_and_counted_once()
    {
        await using var gateway = Start("5");
        using var client = await world.KnownClientAsync(gateway); // the first of the five

        for (var i = 0; i < 4; i++)
        {
            using var answer = await client.GetAsync("/api/data/elsewhere%2F%C3%A9", Cancelled);
            Assert.Equal(BatchingService.Alone, await answer.Content.ReadAsStringAsync(Cancelled));
        }

        Assert.Equal(4, world.Batches);
        Assert.Equal(4, world.Data.Arrivals.Count(arrival => arrival.Target == "/api/data/elsewhere%2F%C3%A9"));
        using var beyond = await client.GetAsync("/api/data/k1", Cancelled);
        Assert.Equal(429, (int)beyond.StatusCode);
        Assert.True(beyond.Headers.RetryAfter is not null);
        Assert.Equal(4, world.Batches);
    }

    [Theory]
    [InlineData("/api/data/k1?key=k2")]
    [InlineData("/api/data/k1", "If-None-Match", "\"7\"")]
    [InlineData("/api/data/k1", "If-Match", "\"7\"")]
    [InlineData("/api/data/k1", "Cache-Control", "no-cache")]
    [InlineData("/api/data?key=k1")]
    [InlineData("/api/data/")]
    [InlineData("/api/data")]
    public async Task What_is_more_than_a_plain_read_is_forwarded_as_it_came(string target, string? name = null, string? value = null)
    {
        await using var gateway = Start();
        using var client = await world.KnownClientAsync(gateway);
        if (name is not null)
            client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);

        using var answer = await client.GetAsync(target, Cancelled);

        Assert.Equal(BatchingService.Alone, await answer.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(0, world.Batches);
    }

    [Theory]
    [InlineData("kv:write", 403)]
    [InlineData("", 401)]
    public async Task A_token_that_does_not_grant_it_reads_nothing(string scope, int status)
    {
        await using var gateway = Start();
        using var client = gateway.Client(scope.Length > 0 ? world.Issuer.Issue("user", scope) : "no.good.token");
        for (var i = 0; i < 2; i++)
        {
            using var answer = await client.GetAsync("/api/data/k1", Cancelled);
            Assert.Equal(status, (int)answer.StatusCode);
        }

        Assert.Empty(world.Data.Arrivals);
    }

    [Fact]
    public async Task Each_token_is_brought_to_the_service_and_each_read_says_which_is_its()
    {
        await using var gateway = Start();
        using var one = await world.KnownClientAsync(gateway, "one");
        using var two = await world.KnownClientAsync(gateway, "two");

        var reads = Enumerable.Range(0, Readers).Select(async i =>
        {
            using var answer = await (i % 2 == 0 ? one : two).GetAsync("/api/data/subject", Cancelled);
            Assert.Equal(i % 2 == 0 ? "one" : "two", await answer.Content.ReadAsStringAsync(Cancelled));
        });

        await Task.WhenAll(reads);
        Assert.True(world.Batches > 0);
    }

    [Theory]
    [InlineData("not found")]
    [InlineData("failed")]
    [InlineData("broken")]
    [InlineData("cut")]
    public async Task Where_the_service_answers_no_batch_every_read_goes_alone(string how)
    {
        world.Data.Answer = context => context.Request.Path == ReadRequests.Path ? BatchingService.FailAsync(context, how) : context.Response.WriteAsync(BatchingService.Alone, Cancelled);
        await using var gateway = Start();
        using var client = await world.KnownClientAsync(gateway);

        for (var i = 0; i < 5; i++)
        {
            using var answer = await client.GetAsync("/api/data/k1", Cancelled);
            Assert.Equal((200, BatchingService.Alone), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled)));
        }
    }

    [Fact]
    public async Task When_a_replica_dies_or_hangs_no_read_fails()
    {
        await using var other = await Backend.StartAsync("other");
        other.TakesBatches = true;
        other.Answer = BatchingService.AnswerAsync;
        await using var third = await Backend.StartAsync("third");
        third.TakesBatches = true;
        third.Answer = context => context.Request.Path == ReadRequests.Path ? Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted) : BatchingService.AnswerAsync(context);
        await using var gateway = world.Gateway(world.Data, other, third).Start();
        using var client = await world.KnownClientAsync(gateway);

        var reads = Enumerable.Range(0, Readers).Select(async reader =>
        {
            for (var i = 0; i < 60; i++)
            {
                using var answer = await client.GetAsync($"/api/data/k{reader}-{i}", Cancelled);
                Assert.Contains(await answer.Content.ReadAsStringAsync(Cancelled), new[] { $"value of k{reader}-{i}", BatchingService.Alone });
            }
        }).ToArray();
        await Task.Delay(100, Cancelled);
        await other.KillAsync();
        await Task.WhenAll(reads);
    }

    private GatewayUnderTest Start(string limit = "1000000") => world.Gateway().With("RateLimits:Read:Limit", limit).Start();

    private static Task ReadManyAsync(HttpClient client, int each) => Task.WhenAll(Enumerable.Range(0, Readers).Select(async reader =>
    {
        for (var i = 0; i < each; i++)
        {
            using var answer = await client.GetAsync($"/api/data/k{reader}-{i}", Cancelled);
            Assert.Equal((200, $"value of k{reader}-{i}"), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled)));
        }
    }));
}
