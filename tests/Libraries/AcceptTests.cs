namespace KvAspire.Libraries.Tests;

public sealed class AcceptTests
{
    private const string Envelope = "application/json", Problem = "application/problem+json";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, Envelope)]
    [InlineData("*/*", Envelope)]
    [InlineData("application/*", Envelope)]
    [InlineData("text/html", Envelope)]
    [InlineData(Problem, Problem)]
    [InlineData("Application/Problem+JSON", Problem)]
    [InlineData("application/problem+json; charset=utf-8", Problem)]
    [InlineData("application/json, application/problem+json", Problem)]
    [InlineData("application/problem+json, */*", Problem)]
    [InlineData("application/problem+json, */*;q=0.1", Problem)]
    [InlineData("application/problem+json;q=0.5, application/json;q=0.4", Problem)]
    [InlineData("application/json;q=0, application/*", Problem)]
    [InlineData("application/problem+json;q=0", Envelope)]
    [InlineData("application/problem+json;q=0.0, */*;q=0.1", Envelope)]
    [InlineData("application/problem+json;q=0.9, application/json", Envelope)]
    [InlineData("application/problem+json;q=0.9, */*", Envelope)]
    [InlineData("application/problem+json;q=0.9, application/*;q=0.95, */*;q=0.1", Envelope)]
    [InlineData(";;;", Envelope)]
    public async Task Errors_have_the_format_of_the_highest_quality(string? accept, string contentType)
    {
        await using var service = await SmallService.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/fields");
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await service.Client.SendAsync(request, Cancel);

        Assert.Equal((400, contentType), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }
}
