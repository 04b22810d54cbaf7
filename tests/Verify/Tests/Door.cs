using System.Net.Http.Headers;
using System.Text;
using Xunit;

namespace KvAspire.Verify.Tests;

/// <summary>A user's requests to the gateway, with unchanged targets.</summary>
internal sealed class Door(Uri gateway, string token) : IDisposable
{
    // Uri would normalize the target, which is under test.
    private static readonly UriCreationOptions AsSpelled = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 16 });

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Sends a request and asserts the status of the response.</summary>
    /// <returns>The body, and the header <c>Location</c>.</returns>
    public async Task<(string Body, string? Location)> SendAsync(int status, HttpMethod method, string target, string? body = null, bool fresh = false)
    {
        var (answer, headers) = await AnswerAsync(status, method, target, body, fresh);
        return (answer, headers.Location?.OriginalString);
    }

    /// <summary>
    /// Waits until an entry is read from the cache. After the death of a replica the others bypass the cache while it may be
    /// stale (docs/explanations/cache.md).
    /// </summary>
    public async Task CachedAsync(string target)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(TimeSpan.FromSeconds(100));
        while (true)
        {
            var (_, headers) = await AnswerAsync(200, HttpMethod.Get, target);
            if (headers.GetValues("Cache-Status").Single().Contains("hit", StringComparison.Ordinal))
                return;
            await Task.Delay(100, patience.Token);
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<(string Body, HttpResponseHeaders Headers)> AnswerAsync(int status, HttpMethod method, string target, string? body = null, bool fresh = false)
    {
        using var request = new HttpRequestMessage(method, new Uri(gateway.GetLeftPart(UriPartial.Authority) + target, AsSpelled));
        request.Headers.Authorization = new("Bearer", token);
        if (fresh)
            request.Headers.CacheControl = new() { NoCache = true };
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

        using var response = await http.SendAsync(request, Cancelled);
        var answer = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True((int)response.StatusCode == status, $"{method} {target}: {(int)response.StatusCode} {answer[..Math.Min(answer.Length, 300)]}");
        return (answer, response.Headers);
    }
}
