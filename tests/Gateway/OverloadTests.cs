using System.Collections.Concurrent;
using System.Diagnostics;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Http.Features;

namespace KvAspire.Gateway.Tests;

/// <summary>More requests than a service can answer.</summary>
public sealed class OverloadTests : IAsyncLifetime
{
    private const string Busy = "The service is temporarily unavailable; nothing was stored. Please try again later.";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim answers = new(0);
    private readonly ConcurrentQueue<string> begun = [];
    private TestIssuer issuer = null!;
    private Backend identity = null!;
    private Backend data = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        identity = await Backend.StartAsync("identity");
        data = await Backend.StartAsync("data");
        data.Answer = identity.Answer = async context =>
        {
            var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            if (target == "/api/logout")
                return;

            begun.Enqueue(target[(target.LastIndexOf('/') + 1)..]);
            await answers.WaitAsync(context.RequestAborted);
        };
    }

    public async ValueTask DisposeAsync()
    {
        answers.Release(100);
        await data.DisposeAsync();
        await identity.DisposeAsync();
        await issuer.DisposeAsync();
        answers.Dispose();
    }

    [Fact]
    public async Task A_request_over_both_limits_gets_503_at_once_and_waiting_requests_are_served()
    {
        await using var gateway = Start(concurrent: 2, waiting: 1);
        using var client = gateway.Client(issuer.Issue("user"));
        var admitted = new[] { client.GetAsync("/api/data/a", Cancelled), client.GetAsync("/api/data/b", Cancelled) };
        await BegunAsync(2);
        var waits = client.GetAsync("/api/data/c", Cancelled);
        await Task.Delay(200, Cancelled);

        using var refused = await client.GetAsync("/api/data/d", Cancelled).WaitAsync(Soon, Cancelled);

        await Envelope.AssertErrorAsync(refused, 503, "UNAVAILABLE", Busy, Cancelled);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        Assert.Equal(2, begun.Count);
        using var health = await client.GetAsync("/health", Cancelled);
        Assert.Equal(200, (int)health.StatusCode);

        answers.Release(3);
        foreach (var answer in await Task.WhenAll([.. admitted, waits]).WaitAsync(Soon, Cancelled))
            Assert.Equal(200, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Under_overload_signing_out_works_and_the_other_service_is_not_affected()
    {
        await using var gateway = Start(concurrent: 1, waiting: 0);
        using var client = gateway.Client(issuer.IssueForSession("user"));
        var account = client.GetAsync("/api/account", Cancelled);
        await BegunAsync(1);

        using var refused = await client.GetAsync("/api/account/sessions", Cancelled);
        using var signedOut = await client.PostAsync("/api/logout", null, Cancelled).WaitAsync(Soon, Cancelled);
        var read = client.GetAsync("/api/data/a", Cancelled);
        await BegunAsync(2);

        Assert.Equal((503, 200), ((int)refused.StatusCode, (int)signedOut.StatusCode));
        answers.Release(2);
        Assert.All(await Task.WhenAll(account, read).WaitAsync(Soon, Cancelled), answer => Assert.Equal(200, (int)answer.StatusCode));
    }

    [Fact]
    public async Task A_user_with_many_requests_takes_turns_and_gives_up_a_place_in_a_full_queue()
    {
        await using var gateway = Start(concurrent: 1, waiting: 4);
        using var eager = gateway.Client(issuer.Issue("eager"));
        using var modest = gateway.Client(issuer.Issue("modest"));
        var first = eager.GetAsync("/api/data/0", Cancelled);
        await BegunAsync(1);
        var many = new List<Task<HttpResponseMessage>>();
        for (var number = 1; number <= 4; number++)
        {
            many.Add(eager.GetAsync($"/api/data/{number}", Cancelled));
            await Task.Delay(100, Cancelled); // in this order
        }

        var other = modest.GetAsync("/api/data/other", Cancelled);
        using var displaced = await many[3].WaitAsync(Soon, Cancelled);
        answers.Release(5);

        Assert.Equal(503, (int)displaced.StatusCode);
        Assert.All(await Task.WhenAll([first, other, .. many[..3]]).WaitAsync(Soon, Cancelled), answer => Assert.Equal(200, (int)answer.StatusCode));
        Assert.Equal(["0", "1", "other", "2", "3"], begun);
    }

    [Theory]
    [InlineData("00:00:00.300")]
    [InlineData("00:00:00.010")] // the shortest
    public async Task A_request_that_waits_too_long_gets_503_and_a_disconnected_one_frees_its_place(string longest)
    {
        await using var gateway = Start(concurrent: 1, waiting: 1, longest);
        using var client = gateway.Client(issuer.Issue("user"));
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var first = client.GetAsync("/api/data/a", leaves.Token);
        await BegunAsync(1);

        using var late = await client.GetAsync("/api/data/b", Cancelled).WaitAsync(Soon, Cancelled);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var again = AgainAsync(() => client.GetAsync("/api/data/c", Cancelled));
        await BegunAsync(2); // although no request has been answered
        answers.Release(10);
        using var next = await again;

        Assert.Equal((503, 200), ((int)late.StatusCode, (int)next.StatusCode));
    }

    [Fact]
    public async Task A_client_that_disconnects_frees_its_place_in_the_queue()
    {
        await using var gateway = Start(concurrent: 1, waiting: 1);
        using var client = gateway.Client(issuer.Issue("user"));
        var first = client.GetAsync("/api/data/a", Cancelled);
        await BegunAsync(1);
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var waits = client.GetAsync("/api/data/b", leaves.Token);
        await Task.Delay(200, Cancelled);
        using (var refused = await client.GetAsync("/api/data/c", Cancelled))
            Assert.Equal(503, (int)refused.StatusCode);

        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        await Task.Delay(500, Cancelled); // the gateway notices a moment later
        var next = client.GetAsync("/api/data/d", Cancelled);
        await Task.Delay(200, Cancelled);

        Assert.False(next.IsCompleted);
        answers.Release(2);
        Assert.All(await Task.WhenAll(first, next).WaitAsync(Soon, Cancelled), answer => Assert.Equal(200, (int)answer.StatusCode));
        Assert.Equal(["a", "d"], begun);
    }

    [Theory]
    [InlineData(503, 0)]
    [InlineData(429, 1)]
    public async Task Single_refusals_are_immediate_and_many_are_delayed_by_at_most_a_second(int status, int budget)
    {
        await using var gateway = Start(concurrent: 1, waiting: 0, refusals: 20, reads: budget);
        using var client = gateway.Client(issuer.Issue("user"));
        var admitted = client.GetAsync("/api/data/a", Cancelled);
        await BegunAsync(1);
        using (var connects = await client.GetAsync("/api/data/b", Cancelled)) // warms up
            Assert.Equal(status, (int)connects.StatusCode);
        await Task.Delay(500, Cancelled);

        var clock = Stopwatch.StartNew();
        var late = await Task.WhenAll(Enumerable.Range(0, 60).Select(async _ =>
        {
            using var refused = await client.GetAsync("/api/data/c", Cancelled).WaitAsync(Soon, Cancelled);
            Assert.Equal(status, (int)refused.StatusCode);
            return clock.Elapsed;
        }));

        // 20 leave within the second of the longest delay, and two at once. So most have the longest delay.
        Assert.True(late.Min() < TimeSpan.FromSeconds(0.5));
        Assert.InRange(late.Count(elapsed => elapsed > TimeSpan.FromSeconds(0.9)), 30, 59);
        Assert.True(late.Max() < TimeSpan.FromSeconds(5));
        answers.Release(1);
        using var answer = await admitted.WaitAsync(Soon, Cancelled);
        Assert.Equal(200, (int)answer.StatusCode);
    }

    private GatewayUnderTest Start(int concurrent, int waiting, string wait = "00:00:30", int refusals = 500, int reads = 0) =>
        new GatewayUnderTest().With(issuer).With("identity", "h2c", identity.Address).With("data", "h2c", data.Address)
            .With("Overload:MaxConcurrent", $"{concurrent}").With("Overload:MaxWaiting", $"{waiting}").With("Overload:MaxWait", wait)
            .With("Overload:RefusalsPerSecond", $"{refusals}").With("RateLimits:Read:Limit", $"{reads}").Start();

    private async Task BegunAsync(int count)
    {
        for (var i = 0; i < 100 && begun.Count < count; i++)
            await Task.Delay(50, Cancelled);
        Assert.Equal(count, begun.Count);
    }

    // The gateway notices a moment later that a client has disconnected.
    private static async Task<HttpResponseMessage> AgainAsync(Func<Task<HttpResponseMessage>> send)
    {
        for (var i = 0; ; i++)
        {
            var answer = await send();
            if (answer.IsSuccessStatusCode || i == 20)
                return answer;

            answer.Dispose();
            await Task.Delay(50, Cancelled);
        }
    }
}
