using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.GatewayProtocol;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

/// <summary>Small replacements that come together go to the data service as one batch, and none is ever sent twice.</summary>
public sealed class BatchedWriteTests : IAsyncLifetime
{
    private const int Writers = 64;

    private readonly BatchingWorld world = new(WriteRequests.Path);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => world.StartAsync();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task Writes_that_come_at_the_same_moment_go_as_few_requests_and_each_gets_its_own()
    {
        await using var gateway = Start();
        var clients = new[] { await world.KnownClientAsync(gateway, "one"), await world.KnownClientAsync(gateway, "two") };

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            for (var i = 0; i < 20; i++)
            {
                using var answer = await PutAsync(clients[writer % 2], $"/api/data/k{writer}", $"{i}");
                Assert.Equal((200, $"{(writer % 2 == 0 ? "one" : "two")} k{writer} {i}"), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled)));
            }
        }));

        Assert.True(world.Batches < Writers * 20 / 2, $"{world.Batches} requests for {Writers * 20} writes");
        Array.ForEach(clients, client => client.Dispose());
    }

    [Fact]
    public async Task An_answer_has_all_headers_that_an_ordinary_one_has()
    {
        await using var gateway = Start();
        using var client = await world.KnownClientAsync(gateway);

        using var answer = await PutAsync(client, "/api/data/k1?upsert=true", "1");

        Assert.Equal((1, 201), (world.Batches, (int)answer.StatusCode));
        Assert.Equal("\"7\"", answer.Headers.ETag?.Tag);
        Assert.Equal("/api/data/k1", answer.Headers.Location?.OriginalString);
        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        foreach (var name in new[] { "X-Content-Type-Options", "Referrer-Policy", "Content-Security-Policy", "RateLimit", "RateLimit-Policy" })
            Assert.True(answer.Headers.Contains(name), name);
    }

    [Fact]
    public async Task A_refusal_is_in_the_envelope_with_the_trace_of_the_request()
    {
        await using var gateway = Start();
        using var client = await world.KnownClientAsync(gateway);
        using var answer = await PutAsync(client, "/api/data/none", "1");
        await Envelope.AssertErrorAsync(answer, 404, "KEY_NOT_FOUND", "The provided key does not exist in the database.", Cancelled);
    }

    [Fact]
    public async Task What_was_not_tried_is_forwarded_whole_and_counted_once()
    {
        await using var gateway = Start("2");
        using var client = await world.KnownClientAsync(gateway);

        for (var i = 0; i < 2; i++)
        {
            using var answer = await PutAsync(client, "/api/data/elsewhere%2F", "12345");
            Assert.Equal(BatchingService.Alone, await answer.Content.ReadAsStringAsync(Cancelled));
        }

        Assert.Equal(2, world.Batches);
        Assert.All(world.Data.Arrivals.Where(arrival => arrival.Method is "PUT"), arrival => Assert.Equal((5L, true), (arrival.Bytes, arrival.IsWhole)));
        using var beyond = await PutAsync(client, "/api/data/k1", "1");
        Assert.Equal((429, 2), ((int)beyond.StatusCode, world.Batches));
    }

    [Theory]
    [InlineData("/api/data/k1?upsert=false")]
    [InlineData("/api/data/k1?upsert=true&x=1")]
    [InlineData("/api/data?key=k1")]
    [InlineData("/api/data/k1", "If-Match", "\"7\"")]
    [InlineData("/api/data/k1", "If-None-Match", "*")]
    [InlineData("/api/data/k1", "If-None-Match", "727")]
    [InlineData("/api/data/k1", "If-Match", "")]
    [InlineData("/api/data/k1", "Prefer", "handling=strict")]
    [InlineData("/api/data/k1", "Idempotency-Key", "once")]
    [InlineData("/api/data/k1", "Content-Encoding", "gzip")]
    [InlineData("/api/data/k1", "Content-Type", "text/plain")]
    [InlineData("/api/data/k1", "Content-Type", "application/json; charset=utf-16")]
    [InlineData("/api/data/k1", "length", "5000")]
    [InlineData("/api/data/k1", "length", "unknown")]
    public async Task What_is_more_than_a_small_replacement_is_forwarded_as_it_came(string target, string? name = null, string? value = null)
    {
        await using var gateway = Start();
        using var client = await world.KnownClientAsync(gateway);
        using var request = new HttpRequestMessage(HttpMethod.Put, target) { Content = Json(value is "5000" ? new string('1', 5000) : "1") };
        if (name is "Content-Type" or "Content-Encoding")
            _ = request.Content.Headers.Remove(name) | request.Content.Headers.TryAddWithoutValidation(name, value);
        else if (name is not (null or "length"))
            request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.TransferEncodingChunked = value is "unknown" ? true : null;

        using var answer = await client.SendAsync(request, Cancelled);

        Assert.Equal(BatchingService.Alone, await answer.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(0, world.Batches);
    }

    [Theory]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("application/json;charset=UTF8")]
    [InlineData("APPLICATION/JSON")]
    public async Task A_small_replacement_goes_in_a_batch_for_any_spelling_of_JSON_in_UTF_8(string contentType)
    {
        await using var gateway = Start();
        using var client = await world.KnownClientAsync(gateway);
        using var body = Json("1");
        _ = body.Headers.Remove("Content-Type") | body.Headers.TryAddWithoutValidation("Content-Type", contentType);

        using var answer = await client.PutAsync("/api/data/k1", body, Cancelled);

        Assert.Equal((200, 1), ((int)answer.StatusCode, world.Batches));
    }

    [Fact]
    public async Task A_body_that_comes_slowly_is_waited_for_and_goes_in_a_batch()
    {
        await using var gateway = Start();
        using var client = await world.KnownClientAsync(gateway);
        using var socket = new TcpClient();
        await socket.ConnectAsync(gateway.Address.Host, gateway.Address.Port, Cancelled);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"PUT /api/data/k HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {client.DefaultRequestHeaders.GetValues("Authorization").Single()}\r\n"
            + "Content-Type: application/json\r\nContent-Length: 4\r\n\r\n12"), Cancelled);
        await Task.Delay(200, Cancelled);
        await socket.GetStream().WriteAsync("34"u8.ToArray(), Cancelled);
        using var reader = new StreamReader(socket.GetStream());

        Assert.EndsWith("user k 1234", await reader.ReadToEndAsync(Cancelled), StringComparison.Ordinal);
        Assert.Equal(1, world.Batches);
    }

    [Theory]
    [InlineData("kv:read", 403)]
    [InlineData("", 401)]
    public async Task A_token_that_does_not_grant_it_writes_nothing(string scope, int status)
    {
        await using var gateway = Start();
        using var client = gateway.Client(scope.Length > 0 ? world.Issuer.Issue("user", scope) : "no.good.token");
        for (var i = 0; i < 2; i++)
        {
            using var answer = await PutAsync(client, "/api/data/k1", "1");
            Assert.Equal(status, (int)answer.StatusCode);
        }

        Assert.Empty(world.Data.Arrivals);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("failed")]
    [InlineData("broken")]
    public async Task A_batch_that_may_have_been_stored_is_502_for_each_and_never_sent_again(string how)
    {
        world.Data.Answer = context => context.Request.Path == WriteRequests.Path ? BatchingService.FailAsync(context, how) : BatchingService.AnswerAsync(context);
        await using var other = await Backend.StartAsync("other");
        other.TakesBatches = true;
        other.Answer = world.Data.Answer;
        await using var gateway = world.Gateway(world.Data, other).Start();
        using var client = await world.KnownClientAsync(gateway);

        using var answer = await PutAsync(client, "/api/data/k1", "1");

        Assert.Equal(502, (int)answer.StatusCode);
        Assert.Single(world.Data.Arrivals.Concat(other.Arrivals), arrival => arrival.Target is not "/api/usage");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_batch_that_was_not_taken_goes_one_by_one(bool isOfBefore)
    {
        if (isOfBefore)
            world.Data.Answer = context => context.Request.Path == WriteRequests.Path ? BatchingService.FailAsync(context, "not found") : BatchingService.AnswerAsync(context);
        await using var other = await Backend.StartAsync("other");
        other.TakesBatches = true;
        other.Answer = world.Data.Answer;
        await using var gateway = world.Gateway(world.Data, other).Start();
        using var client = await world.KnownClientAsync(gateway);
        if (!isOfBefore)
            await other.KillAsync();

        for (var i = 0; i < 10; i++)
        {
            using var answer = await PutAsync(client, "/api/data/k1", "1");
            Assert.Equal(200, (int)answer.StatusCode);
        }
    }

    [Fact]
    public async Task Nobody_waits_for_long_behind_a_batch_that_the_service_does_not_answer()
    {
        var free = new TaskCompletionSource();
        world.Data.Answer = async context =>
        {
            if (context.Request.Path == WriteRequests.Path)
                await free.Task.WaitAsync(TimeSpan.FromSeconds(20));
            await BatchingService.AnswerAsync(context);
        };
        await using var gateway = Start();
        using var client = await world.KnownClientAsync(gateway);

        var held = new List<Task<HttpResponseMessage>>();
        while (world.Data.Arrivals.All(arrival => arrival.Target != WriteRequests.Path) || held.Count < 50)
        {
            held.Add(PutAsync(client, "/api/data/k1", "1"));
            await Task.Delay(10, Cancelled);
        }

        while (held.Count(answer => answer.IsCompletedSuccessfully) < 40)
            await Task.WhenAny(held.Where(answer => !answer.IsCompleted)).WaitAsync(TimeSpan.FromSeconds(10), Cancelled);
        using (var late = await PutAsync(client, "/api/data/k1", "1"))
            Assert.Equal(BatchingService.Alone, await late.Content.ReadAsStringAsync(Cancelled));
        Assert.Contains(held, answer => !answer.IsCompleted); // those that were sent are waited for

        free.SetResult();
        foreach (var answer in await Task.WhenAll(held))
        {
            Assert.Equal(200, (int)answer.StatusCode);
            answer.Dispose();
        }
    }

    [Fact]
    public async Task A_batch_has_the_time_limit_of_its_route()
    {
        world.Data.Answer = context => context.Request.Path == WriteRequests.Path
            ? Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted) : BatchingService.AnswerAsync(context);
        await using var gateway = world.Gateway().With("Timeouts:entry-change", "00:00:00.5").Start();
        using var client = await world.KnownClientAsync(gateway);

        using var answer = await PutAsync(client, "/api/data/k1", "1").WaitAsync(TimeSpan.FromSeconds(10), Cancelled);

        Assert.Equal(504, (int)answer.StatusCode);
        Assert.Single(world.Data.Arrivals, arrival => arrival.Target == WriteRequests.Path);
        Assert.DoesNotContain(world.Data.Arrivals, arrival => arrival.Method is "PUT");
    }

    private GatewayUnderTest Start(string limit = "1000000") => world.Gateway().With("RateLimits:Write:Limit", limit).Start();

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, string target, string body) => client.PutAsync(target, Json(body), Cancelled);

    private static StringContent Json(string body) => new(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
}
