using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

public sealed partial class HomeTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_home_page_explains_the_service_and_its_links_work()
    {
        using var client = running.Gateway.Client();
        using var response = await client.GetAsync("/", Cancel);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        var page = await response.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("A key-value store for many users", page, StringComparison.Ordinal);
        Assert.Contains($"curl {TestIssuer.Issuer}/api/register", page, StringComparison.Ordinal);

        var links = Link().Matches(page).Select(link => link.Groups[1].Value).ToArray();
        Assert.Equal(["/docs", "/openapi/v1.json", "/health"], links);
        foreach (var link in links)
            Assert.True((await client.GetAsync(link, Cancel)).IsSuccessStatusCode, link);
    }

    [Fact]
    public async Task The_policy_of_the_home_page_allows_its_own_style_only()
    {
        using var client = running.Gateway.Client();
        using var response = await client.GetAsync("/", Cancel);

        var style = Style().Match(await response.Content.ReadAsStringAsync(Cancel)).Groups[1].Value;
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        Assert.Equal(
            [$"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"],
            response.Headers.GetValues("Content-Security-Policy"));
    }

    [GeneratedRegex("<a href=\"([^\"]+)\"")]
    private static partial Regex Link();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();
}
