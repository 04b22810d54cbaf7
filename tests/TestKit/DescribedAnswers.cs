using Xunit;

namespace KvAspire.TestKit;

/// <summary>
/// Fails the test when a response of the API contradicts the OpenAPI document: in the operation, the status, the code or a
/// member.
/// </summary>
public sealed class DescribedAnswers : DelegatingHandler
{
    /// <summary>For a client with other handlers behind this one.</summary>
    public DescribedAnswers()
    {
    }

    public DescribedAnswers(HttpMessageHandler inner)
        : base(inner)
    {
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        var type = response.Content.Headers.ContentType?.MediaType;
        string? body = null;
        if (type is not "text/event-stream")
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            body = await response.Content.ReadAsStringAsync(cancellationToken);
        }

        var objection = ApiContract.CheckedIn.Objection(
            request.Method.Method, request.RequestUri!.AbsolutePath, (int)response.StatusCode, type, body);
        if (objection is not null)
            Assert.Fail($"docs/openapi/v1.json is not true: {objection}");
        return response;
    }
}
