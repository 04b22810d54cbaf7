using System.Net;
using KvAspire.TestKit;

namespace KvAspire.Libraries.Tests;

public sealed class EnvelopeTests
{
    private const string TryLater = "An internal server error occurred. Please try again later.";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_success_is_snake_case_in_the_envelope()
    {
        await using var service = await SmallService.StartAsync();

        await Envelope.AssertBodyAsync(
            await service.Client.GetAsync("/fine/abc", Cancel), 200, """{"status":"success","message":"Fine.","data":{"some_number":3}}""", Cancel);
    }

    [Theory]
    [InlineData("/bug", 500, "INTERNAL_SERVER_ERROR", TryLater)]
    [InlineData("/sign-in-bug", 500, "INTERNAL_ERROR", "Internal server error occurred. Please try again later.")]
    [InlineData("/lost", 503, "UNAVAILABLE", "The service is temporarily unavailable; nothing was stored. Please try again later.")]
    [InlineData("/too-slow", 408, "REQUEST_TIMEOUT", "The request did not arrive in time.")]
    [InlineData("/nowhere", 404, "NOT_FOUND", "There is nothing at this address.")]
    public async Task Unhandled_exceptions_get_the_envelope_and_reveal_no_internals(
        string path, int status, string code, string message)
    {
        await using var service = await SmallService.StartAsync();
        using var response = await service.Client.GetAsync(path, Cancel);

        await Envelope.AssertErrorAsync(response, status, code, message, Cancel);
        Assert.Equal(status == 503, response.Headers.RetryAfter is not null);
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.DoesNotContain("Server", response.Headers.Select(header => header.Key));
    }

    [Fact]
    public async Task A_wrong_method_is_answered_in_the_envelope()
    {
        await using var service = await SmallService.StartAsync();

        await Envelope.AssertErrorAsync(
            await service.Client.DeleteAsync("/fine/abc", Cancel), 405, "METHOD_NOT_ALLOWED", "This address does not answer this method.", Cancel);
    }

    [Fact]
    public async Task The_trace_id_is_the_id_of_the_callers_trace()
    {
        await using var service = await SmallService.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nowhere");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        var traceId = await Envelope.AssertErrorAsync(
            await service.Client.SendAsync(request, Cancel), 404, "NOT_FOUND", "There is nothing at this address.", Cancel);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", traceId);
    }

    [Fact]
    public async Task A_client_that_accepts_problem_details_gets_them_with_the_same_content()
    {
        await using var service = await SmallService.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/fields");
        request.Headers.Add("Accept", "application/problem+json");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        using var response = await service.Client.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            """
            {"type":"urn:kvaspire:error:INVALID_REQUEST","title":"Bad Request","status":400,"detail":"Some fields are wrong.","code":"INVALID_REQUEST","trace_id":"0af7651916cd43dd8448eb211c80319c","errors":{"age":["This field must be a number."]}}
            """,
            await response.Content.ReadAsStringAsync(Cancel));
    }

    [Theory]
    [InlineData("/health"), InlineData("/alive")]
    public async Task Health_answers_in_every_environment(string path)
    {
        await using var service = await SmallService.StartAsync(new Dictionary<string, string> { ["environment"] = "Production" });

        Assert.Equal(200, (int)(await service.Client.GetAsync(path, Cancel)).StatusCode);
    }
}
