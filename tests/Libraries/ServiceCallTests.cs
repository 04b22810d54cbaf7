using System.Diagnostics;
using System.Net;
using KvAspire.ServiceDefaults.Services;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polly.Timeout;

namespace KvAspire.Libraries.Tests;

public sealed class ServiceCallTests : IAsyncLifetime
{
    private const string Service = "neighbour";

    private static readonly Uri Unreachable = new("http://127.0.0.1:9");
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly LogLines lines = new();
    private Replica first = null!, second = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => (first, second) = (await Replica.StartAsync(), await Replica.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await first.DisposeAsync();
        await second.DisposeAsync();
    }

    [Fact]
    public async Task No_concurrent_call_fails_while_one_of_two_replicas_refuses_connections()
    {
        await using var calls = Calls(Timeout, Unreachable, second.Address);
        var client = Client(calls);

        for (var round = 0; round < 20; round++)
            await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => client.GetStringAsync("/", Cancelled)));

        Assert.Equal(20 * 16, second.Requests);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_call_goes_from_a_failing_replica_to_the_next_at_once(int status)
    {
        first.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "30";
            return Task.CompletedTask;
        };
        await using var calls = Calls(Timeout, first.Address, second.Address);
        var clock = Stopwatch.StartNew();

        using var answer = await Client(calls).PostAsync("/", new StringContent("a body"), Cancelled);

        Assert.Equal("a body", await answer.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal((1, 1), (first.Requests, second.Requests));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"It took {clock.Elapsed}.");
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    public async Task A_client_error_is_not_retried_at_other_replicas(int status)
    {
        first.Answer = context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };
        await using var calls = Calls(Timeout, first.Address, second.Address);

        using var answer = await Client(calls).GetAsync("/", Cancelled);

        Assert.Equal((status, 0), ((int)answer.StatusCode, second.Requests));
    }

    [Fact]
    public async Task A_hanging_replica_costs_one_time_limit()
    {
        first.Answer = context => Task.Delay(System.Threading.Timeout.Infinite, context.RequestAborted);
        await using var calls = Calls(Timeout, first.Address, second.Address);
        var client = Client(calls);
        var clock = Stopwatch.StartNew();

        for (var call = 0; call < 8; call++)
            await client.GetStringAsync("/", Cancelled);

        Assert.Equal((1, 8), (first.Requests, second.Requests));
        Assert.InRange(clock.Elapsed, Timeout * 0.9, Timeout * 2);
    }

    [Fact]
    public async Task A_response_that_stops_halfway_is_retried_at_the_next_replica()
    {
        first.Answer = async context =>
        {
            context.Response.ContentLength = 1_000;
            await context.Response.WriteAsync("half", context.RequestAborted);
            await Task.Delay(System.Threading.Timeout.Infinite, context.RequestAborted);
        };
        await using var calls = Calls(Timeout, first.Address, second.Address);

        Assert.Equal("", await Client(calls).GetStringAsync("/", Cancelled));
    }

    [Fact]
    public async Task When_all_replicas_fail_each_is_called_once_and_the_caller_gets_the_last_failure()
    {
        first.Answer = context => Task.Delay(System.Threading.Timeout.Infinite, context.RequestAborted);
        second.Answer = first.Answer;
        await using var calls = Calls(Timeout, first.Address, second.Address);

        await Assert.ThrowsAsync<TimeoutRejectedException>(() => Client(calls).GetStringAsync("/", Cancelled));

        Assert.Equal((1, 1), (first.Requests, second.Requests));
    }

    [Fact]
    public async Task A_single_replica_is_called_once()
    {
        first.Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        };
        await using var calls = Calls(Timeout, first.Address);

        using var answer = await Client(calls).GetAsync("/", Cancelled);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, 1), (answer.StatusCode, first.Requests));
    }

    [Fact]
    public async Task Without_an_attempt_time_limit_a_response_streams_beyond_the_clients_timeout()
    {
        var rest = new TaskCompletionSource();
        second.Answer = async context =>
        {
            await context.Response.WriteAsync("half, ", context.RequestAborted);
            await rest.Task;
            await context.Response.WriteAsync("and the rest", context.RequestAborted);
        };
        await using var calls = Calls(timeout: null, Unreachable, second.Address);
        using var client = Client(calls);
        client.Timeout = Timeout;

        using var answer = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Cancelled);
        await Task.Delay(Timeout * 1.5, Cancelled);
        rest.SetResult();

        Assert.Equal("half, and the rest", await answer.Content.ReadAsStringAsync(Cancelled));
    }

    [Fact]
    public async Task A_call_carries_the_secret_of_the_services_and_follows_no_redirect_with_it()
    {
        string? sent = null;
        first.Answer = context =>
        {
            sent = context.Request.Headers[TestIssuer.ServiceSecretHeader];
            context.Response.Redirect(second.Address.ToString());
            return Task.CompletedTask;
        };
        await using var calls = Calls(Timeout, first.Address);

        using var answer = await Client(calls).GetAsync("/", Cancelled);

        Assert.Equal((TestIssuer.ServiceSecret, HttpStatusCode.Found, 0), (sent, answer.StatusCode, second.Requests));
    }

    [Fact]
    public async Task Failed_calls_write_no_log()
    {
        await using var calls = Calls(Timeout, Unreachable, Unreachable);
        var client = Client(calls);

        for (var call = 0; call < 10; call++)
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("/a/path/that/is/private", Cancelled));

        Assert.Empty(lines.Of("Polly", "System.Net.Http"));
    }

    private ServiceProvider Calls(TimeSpan? timeout, params IEnumerable<Uri> replicas)
    {
        var settings = replicas.Index().ToDictionary(replica => $"services:{Service}:http:{replica.Index}", replica => (string?)$"{replica.Item}");
        settings[$"services:{Service}:h2c:0"] = settings[$"services:{Service}:default:0"] = "http://127.0.0.1:1"; // not for calls
        settings["ServiceCalls:Secret"] = TestIssuer.ServiceSecret;
        var services = new ServiceCollection();
        services
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .AddLogging(logging => logging.AddProvider(lines).SetMinimumLevel(LogLevel.Trace))
            .AddServiceCalls()
            .AddHttpClient(Service).CallService(Service, timeout);
        return services.BuildServiceProvider();
    }

    private static HttpClient Client(ServiceProvider calls) => calls.GetRequiredService<IHttpClientFactory>().CreateClient(Service);
}
