using System.Diagnostics;
using System.Text.Json.Nodes;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KvAspire.Gateway.Tests;

public sealed class FailureTests : IAsyncLifetime
{
    private const string Unavailable = "The service is temporarily unavailable; nothing was stored. Please try again later.";
    private const string BadGateway = "The service behind the gateway gave no valid answer. Please try again later.";
    private const string Timeout = "The service behind the gateway did not answer in time. Please try again later.";

    private TestIssuer issuer = null!;
    private Backend data = null!;

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        data = await Backend.StartAsync("data");
    }

    public async ValueTask DisposeAsync()
    {
        await data.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Theory]
    [InlineData("h2c")]
    [InlineData("http")]
    public async Task A_service_that_is_down_gets_503_and_serves_as_soon_as_it_is_back(string endpoint)
    {
        using var closed = new ClosedPort();
        await using var gateway = new GatewayUnderTest().With(issuer).With("data", endpoint, closed.Address).Start();
        using var client = gateway.Client(issuer.Issue("user"));
        using var down = await client.GetAsync("/api/data/key", TestContext.Current.CancellationToken);

        await Envelope.AssertErrorAsync(down, 503, "UNAVAILABLE", Unavailable, TestContext.Current.CancellationToken);
        Assert.Equal("1", down.Headers.RetryAfter?.ToString());

        closed.Dispose();
        await using var back = await Backend.StartAsync("data", endpoint == "h2c" ? HttpProtocols.Http2 : HttpProtocols.Http1, closed.Address.Port);
        Assert.Equal("""{"backend":"data"}""", await client.GetStringAsync("/api/data/key", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_broken_response_is_502()
    {
        data.Answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        await using var gateway = Start();
        using var client = gateway.Client(issuer.Issue("user"));
        using var response = await client.GetAsync("/api/data/key", TestContext.Current.CancellationToken);

        await Envelope.AssertErrorAsync(response, 502, "BAD_GATEWAY", BadGateway, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_service_that_does_not_speak_HTTP_2_is_502()
    {
        await using var http1 = await Backend.StartAsync("data", HttpProtocols.Http1);
        await using var gateway = new GatewayUnderTest().With(issuer).With("data", "h2c", http1.Address).Start();
        using var client = gateway.Client(issuer.Issue("user"));
        using var response = await client.GetAsync("/api/data/key", TestContext.Current.CancellationToken);

        await Envelope.AssertErrorAsync(response, 502, "BAD_GATEWAY", BadGateway, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_response_after_the_time_limit_is_504()
    {
        data.Answer = context => Task.Delay(System.Threading.Timeout.Infinite, context.RequestAborted);
        await using var gateway = Start("Timeouts:entry-read", "00:00:00.5");
        using var client = gateway.Client(issuer.Issue("user"));
        using var response = await client.GetAsync("/api/data/key", TestContext.Current.CancellationToken);

        await Envelope.AssertErrorAsync(response, 504, "GATEWAY_TIMEOUT", Timeout, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Errors_of_a_service_are_passed_on_unchanged()
    {
        const string body = """{"status":"error","code":"KEY_NOT_FOUND"}""";
        data.Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            context.Response.ContentType = "application/json; charset=utf-8";
            return context.Response.WriteAsync(body);
        };
        await using var gateway = Start();
        using var client = gateway.Client(issuer.Issue("user"));
        using var response = await client.GetAsync("/api/data/key", TestContext.Current.CancellationToken);

        await Envelope.AssertBodyAsync(response, 404, body, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_trace_id_of_an_error_is_that_of_the_request()
    {
        using var closed = new ClosedPort();
        await using var gateway = new GatewayUnderTest().With("TrustedNetworks:0", "127.0.0.0/8").With(issuer).With("data", "h2c", closed.Address).Start();
        using var client = gateway.Client(issuer.Issue("user"));
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01");

        foreach (var path in new[] { "/api/data/key", "/unknown" })
        {
            using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);
            var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
            Assert.Equal(trace, body["trace_id"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task A_client_that_accepts_problem_details_gets_them()
    {
        await using var gateway = Start();
        using var client = gateway.Client();
        client.DefaultRequestHeaders.Add("Accept", "application/problem+json");
        using var response = await client.GetAsync("/api/data/key", TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var trace = JsonNode.Parse(text)!["trace_id"]!.GetValue<string>();

        Assert.Equal(401, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            $$"""{"type":"urn:kvaspire:error:INVALID_TOKEN","title":"Unauthorized","status":401,"detail":"Invalid access token provided.","code":"INVALID_TOKEN","trace_id":"{{trace}}"}""",
            text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_disconnects_leaves_no_warning_in_the_log(bool answering)
    {
        var arrived = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        data.Answer = async context =>
        {
            context.RequestAborted.Register(left.SetResult);
            if (answering)
                await context.Response.WriteAsync("begun");
            arrived.SetResult();
            await Task.WhenAny(left.Task, Task.Delay(TimeSpan.FromSeconds(10)));
        };
        await using var gateway = Start();
        using var client = gateway.Client(issuer.Issue("user"));
        using var patience = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/data/key");
        var response = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        if (answering)
            (await response).Dispose();
        else
            await patience.CancelAsync();
        client.Dispose();

        await left.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await gateway.DisposeAsync();
        Assert.Empty(gateway.Log.Lines);
    }

    private GatewayUnderTest Start(string key = "Limits:MaxRequestBodyBytes", string value = "2048") =>
        new GatewayUnderTest().With(issuer).With("data", "h2c", data.Address).With(key, value).Start();
}
