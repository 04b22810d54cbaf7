namespace KvAspire.ServiceDefaults.Services;

/// <summary>
/// Reads the whole response within the attempt, so that the time limit and the retry cover a response that stops halfway.
/// <see cref="HttpClient"/> itself reads the body after its handlers have returned.
/// </summary>
internal sealed class WholeAnswers : DelegatingHandler
{
    private const int MaxBytes = 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxBytes, cancellationToken);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
