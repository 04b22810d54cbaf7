using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

public sealed class TokenTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    private const string Realm = "Bearer realm=\"kvaspire\"";

    public static IEnumerable<TheoryDataRow<string>> Forgeries => ForgedTokens.All.Select(kind => new TheoryDataRow<string>(kind));

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_forged_token_is_refused_and_never_forwarded(string kind)
    {
        var token = ForgedTokens.Forge(kind, running.Issuer, "user");
        var path = $"/api/data/{Guid.NewGuid():N}";
        using var client = running.Gateway.Client(token);
        using var read = await client.GetAsync(path, TestContext.Current.CancellationToken);
        using var write = await client.PutAsync(path, new StringContent("{}"), TestContext.Current.CancellationToken);

        await AssertRefusedAsync(read, $"{Realm}, error=\"invalid_token\"");
        await AssertRefusedAsync(write, $"{Realm}, error=\"invalid_token\"");
        AssertNeverForwarded(path);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Basic dXNlcjpwYXNz")]
    public async Task A_request_without_a_token_is_refused_without_an_error_code_in_the_challenge(string? authorization)
    {
        var path = $"/api/data/{Guid.NewGuid():N}";
        using var client = running.Gateway.Client();
        if (authorization is not null)
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);

        await AssertRefusedAsync(response, Realm);
        AssertNeverForwarded(path);
    }

    [Fact]
    public async Task A_token_in_the_query_is_ignored()
    {
        var path = $"/api/data/{Guid.NewGuid():N}?access_token={running.Issuer.Issue("user")}";
        using var client = running.Gateway.Client();
        using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);

        await AssertRefusedAsync(response, Realm);
        AssertNeverForwarded(path);
    }

    [Theory]
    [InlineData("GET", "kv:write", "kv:read")]
    [InlineData("HEAD", "kv:write", "kv:read")]
    [InlineData("PUT", "kv:read", "kv:write")]
    [InlineData("DELETE", "kv:read", "kv:write")]
    [InlineData("DELETE", "", "kv:write")]
    [InlineData("GET", "kv:reader kv:readwrite", "kv:read")]
    public async Task A_token_without_the_scope_is_refused_with_INSUFFICIENT_SCOPE(string method, string granted, string needed)
    {
        var path = $"/api/data/{Guid.NewGuid():N}";
        using var client = running.Gateway.Client(running.Issuer.Issue("user", granted));
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(403, (int)response.StatusCode);
        Assert.Equal($"{Realm}, error=\"insufficient_scope\", scope=\"{needed}\"", response.Headers.GetValues("WWW-Authenticate").Single());
        if (method == "HEAD")
            Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        else
            await Envelope.AssertErrorAsync(response, 403, "INSUFFICIENT_SCOPE",
                "The access token does not grant what this request needs.", TestContext.Current.CancellationToken);
        AssertNeverForwarded(path);
    }

    [Theory]
    [InlineData("kv:read", 200)]
    [InlineData("kv:write", 200)]
    [InlineData("kv:admin", 403)]
    public async Task Bulk_accepts_a_token_that_may_read_or_write(string granted, int status)
    {
        using var client = running.Gateway.Client(running.Issuer.Issue("user", granted));
        using var response = await client.PostAsync("/api/bulk", new StringContent("{}"), TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        if (status == 403)
            Assert.Equal($"{Realm}, error=\"insufficient_scope\"", response.Headers.GetValues("WWW-Authenticate").Single());
    }

    [Fact]
    public async Task The_token_is_passed_on_to_the_service()
    {
        var token = running.Issuer.Issue("user");
        var path = $"/api/data/{Guid.NewGuid():N}";
        using var client = running.Gateway.Client(token);
        await client.GetStringAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal($"Bearer {token}", Assert.Single(running.Data.Arrivals, arrival => arrival.Target == path).Headers["Authorization"]);
    }

    [Fact]
    public async Task An_invalid_token_is_ignored_on_an_anonymous_route()
    {
        using var client = running.Gateway.Client("not-a-token");
        using var response = await client.PostAsync("/api/token", new StringContent("{}"), TestContext.Current.CancellationToken);

        Assert.Equal(200, (int)response.StatusCode);
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage response, string challenge)
    {
        await Envelope.AssertErrorAsync(
            response, 401, "INVALID_TOKEN", "Invalid access token provided.", TestContext.Current.CancellationToken);
        Assert.Equal(challenge, response.Headers.GetValues("WWW-Authenticate").Single());
    }

    private void AssertNeverForwarded(string path) => Assert.DoesNotContain(running.Data.Arrivals, arrival => arrival.Target == path);
}
