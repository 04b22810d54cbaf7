using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

public sealed class BodyLimitTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    private const int Limit = 2 * 1024 * 1024;
    private const string Message = "The request body is larger than allowed.";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_as_large_as_the_limit_arrives_whole(bool chunked)
    {
        var path = $"/api/data/{Guid.NewGuid():N}";
        using var response = await PutAsync(path, Limit, chunked);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(Limit, Assert.Single(running.Data.Arrivals, arrival => arrival.Target == path).Bytes);
    }

    [Fact]
    public async Task An_announced_body_over_the_limit_is_refused_before_anything_is_forwarded()
    {
        var path = $"/api/data/{Guid.NewGuid():N}";
        using var response = await PutAsync(path, Limit + 1, chunked: false);

        await Envelope.AssertErrorAsync(response, 413, "PAYLOAD_TOO_LARGE", Message, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(running.Data.Arrivals, arrival => arrival.Target == path);
        Assert.True(response.Headers.ConnectionClose); // the rest of the body would precede another request
    }

    [Theory]
    [InlineData(Limit + 1)]
    [InlineData(5 * 1024 * 1024)]
    public async Task A_chunked_body_over_the_limit_gets_413_and_is_cut_off(int size)
    {
        var path = $"/api/data/{Guid.NewGuid():N}";
        using var response = await PutAsync(path, size, chunked: true);

        await Envelope.AssertErrorAsync(response, 413, "PAYLOAD_TOO_LARGE", Message, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(running.Data.Arrivals, arrival => arrival.Target == path && arrival.Bytes > Limit);
    }

    [Theory]
    [InlineData("/api/bulk", true)]
    [InlineData("/api/bulk", false)]
    [InlineData("/api/txn", true)]
    [InlineData("/api/txn", false)]
    public async Task Bulk_and_transaction_bodies_have_the_limit_of_the_data_service(string path, bool chunked)
    {
        const int Large = 16 * 1024 * 1024;
        var target = $"{path}?{Guid.NewGuid():N}";
        using var client = running.Gateway.Client(running.Issuer.Issue("user"));
        using var fits = await client.PostAsync(target, Braces(Large, chunked), TestContext.Current.CancellationToken);
        using var refused = await client.PostAsync(target, Braces(Large + 1, chunked), TestContext.Current.CancellationToken);

        Assert.Equal(200, (int)fits.StatusCode);
        Assert.Equal(Large, running.Data.Arrivals.First(arrival => arrival.Target == target).Bytes);
        await Envelope.AssertErrorAsync(refused, 413, "PAYLOAD_TOO_LARGE", Message, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("/api/register", true)]
    [InlineData("/api/register", false)]
    [InlineData("/api/data", true)]
    [InlineData("/api/data", false)]
    public async Task Five_megabytes_of_braces_sent_with_HttpClient_get_413_each_time(string path, bool chunked)
    {
        using var client = running.Gateway.Client(running.Issuer.Issue("user"));
        for (var i = 0; i < 10; i++)
        {
            using var response = await client.PostAsync(path, Braces(5_000_000, chunked), TestContext.Current.CancellationToken);

            await Envelope.AssertErrorAsync(response, 413, "PAYLOAD_TOO_LARGE", Message, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("--data-binary", "@-")] // waits for "100 Continue" first
    [InlineData("--data-binary", "@-", "-H", "Expect:")]
    [InlineData("--data-binary", "@-", "-H", "Expect:", "-H", "Connection: close")]
    [InlineData("--data-binary", "@-", "-H", "Expect:", "--http1.0")]
    [InlineData("--data-binary", "@-", "-H", "Expect:", "-H", "Transfer-Encoding: chunked")]
    [InlineData("-X", "POST", "-T", "-")] // chunked, waits for "100 Continue" first
    public async Task Five_megabytes_of_braces_sent_with_curl_get_413(params string[] how)
    {
        string[] arguments = ["-sS", "-m", "20", "-w", "|%{http_code}", "-H", "Content-Type: application/json", .. how,
            new Uri(running.Gateway.Address, "/api/register").ToString()];
        using var curl = Process.Start(new ProcessStartInfo("curl", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = curl.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = curl.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await curl.StandardInput.WriteAsync(new string('{', 5_000_000));
            curl.StandardInput.Close();
        }
        catch (IOException)
        {
            // curl already has its response, and stops reading.
        }

        await curl.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("""{"status":"error","code":"PAYLOAD_TOO_LARGE","message":"The request body is larger than allowed.",""", await output);
        Assert.EndsWith("|413", await output);
        Assert.Equal("", await errors);
        Assert.Equal(0, curl.ExitCode);
    }

    [Fact]
    public async Task The_client_can_send_another_request_after_413()
    {
        using var client = running.Gateway.Client();
        using var refused = await client.PostAsync("/api/register", Braces(Limit + 1, chunked: false), TestContext.Current.CancellationToken);
        using var served = await client.PostAsync("/api/register", Braces(10, chunked: false), TestContext.Current.CancellationToken);

        Assert.Equal((413, 200), ((int)refused.StatusCode, (int)served.StatusCode));
    }

    [Fact]
    public async Task The_limit_can_be_set()
    {
        await using var gateway = new GatewayUnderTest().With("Limits:MaxRequestBodyBytes", "2048")
            .With(running.Issuer).With("identity", "h2c", running.Identity.Address).With("data", "h2c", running.Data.Address).Start();
        using var client = gateway.Client();
        using var fits = await client.PostAsync("/api/register", Braces(2048, chunked: false), TestContext.Current.CancellationToken);
        using var refused = await client.PostAsync("/api/register", Braces(2049, chunked: false), TestContext.Current.CancellationToken);

        Assert.Equal((200, 413), ((int)fits.StatusCode, (int)refused.StatusCode));
    }

    private async Task<HttpResponseMessage> PutAsync(string path, int size, bool chunked)
    {
        using var client = running.Gateway.Client(running.Issuer.Issue("user"));
        return await client.PutAsync(path, Braces(size, chunked), TestContext.Current.CancellationToken);
    }

    private static StreamContent Braces(int size, bool chunked)
    {
        var bytes = Encoding.ASCII.GetBytes(new string('{', size));
        var content = new StreamContent(new MemoryStream(bytes));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentLength = chunked ? null : size;
        return chunked ? new StreamContent(new Unseekable(bytes)) { Headers = { ContentType = content.Headers.ContentType } } : content;
    }

    // HttpClient sends a stream of unknown length in chunks.
    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
