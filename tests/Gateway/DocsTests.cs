using System.IO.Compression;
using System.Text.Json.Nodes;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

public sealed class DocsTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_checked_in_document_is_served_and_revalidated_by_its_entity_tag()
    {
        using var client = running.Gateway.Client();
        using var response = await client.GetAsync("/openapi/v1.json", Cancel);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("public, max-age=300", response.Headers.CacheControl?.ToString());
        var body = await response.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "openapi", "v1.json"), Cancel), body);
        Assert.Equal("3.1.1", JsonNode.Parse(body)!["openapi"]!.GetValue<string>());

        client.DefaultRequestHeaders.IfNoneMatch.Add(response.Headers.ETag!);
        using var again = await client.GetAsync("/openapi/v1.json", Cancel);
        Assert.Equal(304, (int)again.StatusCode);
        Assert.Equal("", await again.Content.ReadAsStringAsync(Cancel));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("identity", null)]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip, deflate, br", "br")]
    [InlineData("br;q=0, gzip;q=0.5", "gzip")]
    [InlineData("br;q=0.5, gzip", "gzip")]
    [InlineData("br;q=0.2, identity;q=0.1", "br")]
    [InlineData("br;q=0.2, identity;q=0.3", null)]
    [InlineData("identity, *;q=0.5", null)]
    [InlineData("gzip;q=0, br;q=0.000", null)]
    [InlineData("GZIP", "gzip")]
    [InlineData("*", "br")]
    [InlineData("br;q=0, *;q=0", null)]
    [InlineData("deflate", null)]
    [InlineData("not a list;;", null)]
    public async Task The_document_is_compressed_as_the_client_accepts_and_each_form_has_its_own_tag(string? accepted, string? coding)
    {
        using var client = running.Gateway.Client();
        if (accepted is not null)
            client.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Encoding", accepted);
        using var response = await client.GetAsync("/openapi/v1.json", Cancel);

        Assert.Equal(coding, response.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal(["Accept-Encoding"], response.Headers.Vary);
        var sent = await response.Content.ReadAsByteArrayAsync(Cancel);
        var document = await File.ReadAllBytesAsync(Path.Combine(Repository.Root, "docs", "openapi", "v1.json"), Cancel);
        Assert.Equal(document, Decoded(sent, coding));
        Assert.True(coding is null || sent.Length < document.Length / 8, $"{sent.Length} of {document.Length} bytes");

        client.DefaultRequestHeaders.IfNoneMatch.Add(response.Headers.ETag!);
        using var again = await client.GetAsync("/openapi/v1.json", Cancel);
        Assert.Equal(304, (int)again.StatusCode);
        Assert.Equal(["Accept-Encoding"], again.Headers.Vary);

        client.DefaultRequestHeaders.Remove("Accept-Encoding");
        client.DefaultRequestHeaders.Add("Accept-Encoding", coding is "gzip" ? "br" : "gzip");
        using var other = await client.GetAsync("/openapi/v1.json", Cancel);
        Assert.Equal(200, (int)other.StatusCode);
    }

    // The length of a compressed response would reveal secrets in it (BREACH).
    [Theory]
    [InlineData("/api/data/key")]
    [InlineData("/.well-known/jwks.json")]
    [InlineData("/unknown")]
    [InlineData("/health")]
    public async Task Other_responses_are_never_compressed(string path)
    {
        using var client = running.Gateway.Client(running.Issuer.Issue("user"));
        client.DefaultRequestHeaders.Add("Accept-Encoding", "gzip, br");
        using var response = await client.GetAsync(path, Cancel);

        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.Empty(response.Headers.Vary);
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("br, gzip;q=0.1", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("gzip;q=0, br", false)]
    [InlineData("identity", false)]
    public async Task The_files_of_the_docs_page_are_compressed_only_as_the_client_accepts(string accepted, bool isCompressed)
    {
        using var client = running.Gateway.Client();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Encoding", accepted);
        using var response = await client.GetAsync("/docs/swagger-ui-bundle.js", Cancel);

        Assert.Equal((200, isCompressed), ((int)response.StatusCode, response.Content.Headers.ContentEncoding.Count > 0));
    }

    [Theory]
    [InlineData("/docs/index.html", "text/html")]
    [InlineData("/docs/index.js", "application/javascript")]
    [InlineData("/docs/swagger-ui.css", "text/css")]
    [InlineData("/docs/kvaspire.css", "text/css")]
    [InlineData("/docs/swagger-ui-bundle.js", "text/javascript")]
    public async Task The_docs_page_has_a_policy_that_allows_only_its_own_origin(string path, string type)
    {
        using var client = running.Gateway.Client();
        using var response = await client.GetAsync(path, Cancel);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self' ", policy);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["no-referrer"], response.Headers.GetValues("Referrer-Policy"));
    }

    [Fact]
    public async Task The_docs_page_is_at_docs_and_loads_nothing_from_other_origins()
    {
        using var client = running.Gateway.Client();
        using var response = await client.GetAsync("/docs", Cancel);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("/docs/index.html", response.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.DoesNotContain("https://", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/docs/no-such-part")]
    [InlineData("/openapi/v2.json")]
    public async Task Unknown_parts_of_the_docs_page_are_404_in_the_envelope(string path)
    {
        using var client = running.Gateway.Client();
        using var response = await client.GetAsync(path, Cancel);

        await Envelope.AssertErrorAsync(response, 404, "NOT_FOUND", "There is nothing at this address.", Cancel);
    }

    [Theory]
    [InlineData("/openapi/v1.json")]
    [InlineData("/docs/index.html")]
    [InlineData("/docs/kvaspire.css")]
    public async Task POST_to_the_docs_is_405(string path)
    {
        using var client = running.Gateway.Client();
        using var response = await client.PostAsync(path, null, Cancel);

        await Envelope.AssertErrorAsync(response, 405, "METHOD_NOT_ALLOWED", "This address does not answer this method.", Cancel);
    }

    private static byte[] Decoded(byte[] bytes, string? coding)
    {
        using var output = new MemoryStream();
        using Stream input = coding switch
        {
            "br" => new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress),
            "gzip" => new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress),
            _ => new MemoryStream(bytes),
        };
        input.CopyTo(output);
        return output.ToArray();
    }
}
