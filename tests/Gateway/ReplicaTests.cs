using System.Diagnostics;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KvAspire.Gateway.Tests;

public sealed class ReplicaTests : IAsyncLifetime
{
    private TestIssuer issuer = null!;

    public async ValueTask InitializeAsync() => issuer = await TestIssuer.StartAsync();

    public ValueTask DisposeAsync() => issuer.DisposeAsync();

    [Theory]
    [InlineData(HttpProtocols.Http1, "http")]
    [InlineData(HttpProtocols.Http2, "h2c")]
    public async Task Requests_are_spread_over_all_replicas(HttpProtocols protocols, string endpoint)
    {
        await using var one = await Backend.StartAsync("one", protocols);
        await using var two = await Backend.StartAsync("two", protocols);
        await using var three = await Backend.StartAsync("three", protocols);
        await using var gateway = Start(endpoint, one, two, three);
        using var client = gateway.Client(issuer.Issue("user"));

        await GetManyAsync(client, 200);

        Assert.All([one, two, three], replica => Assert.InRange(replica.Arrivals.Count(), 20, 140));
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, "http")]
    [InlineData(HttpProtocols.Http2, "h2c")]
    public async Task When_a_replica_dies_the_other_serves_reads_and_writes(HttpProtocols protocols, string endpoint)
    {
        await using var one = await Backend.StartAsync("one", protocols);
        await using var two = await Backend.StartAsync("two", protocols);
        await using var gateway = Start(endpoint, one, two);
        using var client = gateway.Client(issuer.Issue("user"));
        await GetManyAsync(client, 50);

        await one.KillAsync();
        var before = two.Arrivals.Count();
        await GetManyAsync(client, 100);
        for (var i = 0; i < 50; i++)
        {
            using var written = await client.PutAsync("/api/data/key", new StringContent("{}"), TestContext.Current.CancellationToken);
            Assert.Equal(200, (int)written.StatusCode);
        }

        Assert.Equal(before + 150, two.Arrivals.Count());
    }

    [Fact]
    public async Task A_replica_that_is_back_gets_requests_again()
    {
        await using var one = await Backend.StartAsync("one");
        await using var two = await Backend.StartAsync("two");
        await using var gateway = Start("h2c", one, two);
        using var client = gateway.Client(issuer.Issue("user"));
        await one.KillAsync();
        await GetManyAsync(client, 20);

        await using var again = await Backend.StartAsync("one", port: one.Address.Port);
        var clock = Stopwatch.StartNew();
        while (!again.Arrivals.Any())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), "the replica is still out of rotation");
            await GetManyAsync(client, 5);
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_replica_that_was_lost_is_tried_when_the_other_one_is_lost_too()
    {
        await using var one = await Backend.StartAsync("one");
        await using var two = await Backend.StartAsync("two");
        await using var gateway = Start("h2c", one, two);
        using var client = gateway.Client(issuer.Issue("user"));
        await one.KillAsync();
        await GetManyAsync(client, 20); // now it is out of rotation

        await using var again = await Backend.StartAsync("one", port: one.Address.Port);
        await two.KillAsync();
        await GetManyAsync(client, 20);
    }

    [Fact]
    public async Task A_write_that_was_sent_is_never_sent_again()
    {
        await using var one = await Backend.StartAsync("one");
        await using var two = await Backend.StartAsync("two");
        one.Answer = two.Answer = Backend.CutAsync;
        await using var gateway = Start("h2c", one, two);
        using var client = gateway.Client(issuer.Issue("user"));
        using var response = await client.PostAsync("/api/data", new StringContent("{}"), TestContext.Current.CancellationToken);

        Assert.Equal(502, (int)response.StatusCode);
        Assert.Single([.. one.Arrivals, .. two.Arrivals]);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, "http")]
    [InlineData(HttpProtocols.Http2, "h2c")]
    public async Task A_broken_write_with_an_Idempotency_Key_is_sent_whole_to_the_other_replica(HttpProtocols protocols, string endpoint)
    {
        await using var one = await Backend.StartAsync("one", protocols);
        await using var two = await Backend.StartAsync("two", protocols);
        one.Answer = Backend.CutAsync;
        await using var gateway = Start(endpoint, one, two);
        using var client = gateway.Client(issuer.Issue("user"));
        client.DefaultRequestHeaders.Add("Idempotency-Key", "once");
        client.DefaultRequestHeaders.Add("X-Forwarded-Again", "forged");

        var body = new string('x', 100_000);
        for (var i = 0; i < 10 || !one.Arrivals.Any(); i++)
        {
            Assert.True(i < 100, "no request came to the replica that breaks");
            using var put = await client.PutAsync($"/api/data/key{i}", new StringContent(body), TestContext.Current.CancellationToken);
            using var delete = await client.DeleteAsync($"/api/data/key{i}", TestContext.Current.CancellationToken);
            Assert.Equal((200, 200), ((int)put.StatusCode, (int)delete.StatusCode));
        }

        Assert.All(two.Arrivals, arrival => Assert.Equal(arrival.Method is "PUT" ? body.Length : 0, arrival.Bytes));
        var lost = one.Arrivals.Select(arrival => (arrival.Method, arrival.Target)).ToHashSet();
        Assert.All(two.Arrivals, arrival => Assert.Equal(lost.Contains((arrival.Method, arrival.Target)), arrival.Headers.ContainsKey("X-Forwarded-Again")));
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, "http")]
    [InlineData(HttpProtocols.Http2, "h2c")]
    public async Task A_broken_write_is_502_or_503_and_no_other_replica_gets_half_of_it(HttpProtocols protocols, string endpoint)
    {
        await using var two = await Backend.StartAsync("two", protocols);
        var one = await Backend.StartAsync("one", protocols);
        await using var gateway = Start(endpoint, one, two);
        using var client = gateway.Client(issuer.Issue("user"));
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(6));

        var writers = Enumerable.Range(0, 32).Select(async _ =>
        {
            while (!over.IsCancellationRequested)
            {
                using var answer = await client.PostAsync("/api/data", new StringContent(new string('x', 20_000)), TestContext.Current.CancellationToken);
                Assert.True((int)answer.StatusCode is 200 or 502 or 503, $"{(int)answer.StatusCode}");
            }
        }).ToArray();
        for (var port = one.Address.Port; !over.IsCancellationRequested; await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            await one.KillAsync();
            await one.DisposeAsync();
            one = await Backend.StartAsync("one", protocols, port);
        }

        await Task.WhenAll(writers);
        await one.DisposeAsync();
        Assert.All(two.Arrivals, arrival => Assert.Equal((20_000, true), (arrival.Bytes, arrival.IsWhole)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_write_with_a_long_or_chunked_body_is_not_sent_again(bool isChunked)
    {
        await using var one = await Backend.StartAsync("one");
        await using var two = await Backend.StartAsync("two");
        one.Answer = two.Answer = Backend.CutAsync;
        await using var gateway = Start("h2c", one, two);
        using var client = gateway.Client(issuer.Issue("user"));
        client.DefaultRequestHeaders.Add("Idempotency-Key", "once");
        client.DefaultRequestHeaders.TransferEncodingChunked = isChunked;
        using var response = await client.PutAsync("/api/data/key", new StringContent(new string('x', isChunked ? 10 : 300_000)), TestContext.Current.CancellationToken);

        Assert.Equal(502, (int)response.StatusCode);
        Assert.Single([.. one.Arrivals, .. two.Arrivals]);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, "http")]
    [InlineData(HttpProtocols.Http2, "h2c")]
    public async Task A_broken_read_is_retried_once_at_the_other_replica(HttpProtocols protocols, string endpoint)
    {
        await using var one = await Backend.StartAsync("one", protocols);
        await using var two = await Backend.StartAsync("two", protocols);
        one.Answer = Backend.CutAsync;
        await using var gateway = Start(endpoint, one, two);
        using var client = gateway.Client(issuer.Issue("user"));

        await GetManyAsync(client, 20);
        Assert.NotEmpty(one.Arrivals);
        Assert.Equal(20, two.Arrivals.Count());

        two.Answer = one.Answer;
        using var broken = await client.GetAsync("/api/data/key", TestContext.Current.CancellationToken);
        Assert.Equal(502, (int)broken.StatusCode);
        Assert.InRange(two.Arrivals.Count(), 20, 21);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, "http")]
    [InlineData(HttpProtocols.Http2, "h2c")]
    public async Task Replicas_are_probed_in_the_HTTP_version_that_they_speak(HttpProtocols protocols, string endpoint)
    {
        await using var replica = await Backend.StartAsync("one", protocols);
        await using var gateway = Start(endpoint, replica);
        var clock = Stopwatch.StartNew();
        while (replica.Probes == 0)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(15), "no probe");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        await gateway.DisposeAsync();
        Assert.Empty(gateway.Log.Lines);
    }

    [Fact]
    public async Task Responses_are_streamed()
    {
        var read = new TaskCompletionSource();
        await using var replica = await Backend.StartAsync("one");
        replica.Answer = async context =>
        {
            await context.Response.WriteAsync("first");
            await read.Task.WaitAsync(TimeSpan.FromSeconds(10));
            await context.Response.WriteAsync("second");
        };
        await using var gateway = Start("h2c", replica);
        using var client = gateway.Client(issuer.Issue("user"));
        await using var stream = await client.GetStreamAsync("/api/data/key", TestContext.Current.CancellationToken);
        var first = new byte[5];
        await stream.ReadExactlyAsync(first, TestContext.Current.CancellationToken);
        read.SetResult();
        using var rest = new StreamReader(stream);

        Assert.Equal("first"u8.ToArray(), first);
        Assert.Equal("second", await rest.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    private GatewayUnderTest Start(string endpoint, params IEnumerable<Backend> replicas) =>
        new GatewayUnderTest().With(issuer).With("data", endpoint, replicas.Select(replica => replica.Address)).Start();

    private static async Task GetManyAsync(HttpClient client, int count)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, count)
            .Select(_ => client.GetAsync("/api/data/key", TestContext.Current.CancellationToken)));
        Assert.All(answers, answer => Assert.Equal(200, (int)answer.StatusCode));
    }
}
