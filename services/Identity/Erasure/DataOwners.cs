using System.Net.Http.Headers;
using KvAspire.Identity.Tokens;

namespace KvAspire.Identity.Erasure;

/// <summary>Exports and erases the data that the data service stores for a user or a client.</summary>
internal sealed class DataOwners(HttpClient client, TokenIssuer tokens)
{
    /// <summary>
    /// All stored data, as one JSON object. The caller disposes of the response. Null where the data service is unavailable.
    /// </summary>
    public async Task<HttpResponseMessage?> ExportAsync(string owner, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, owner);
        try
        {
            var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (answer.IsSuccessStatusCode)
                return answer;

            answer.Dispose();
        }
        catch (Exception exception) when (exception is HttpRequestException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // unavailable
        }

        return null;
    }

    /// <summary>Erases all stored data. Idempotent.</summary>
    public async Task EraseAsync(string owner, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Delete, owner);
        using var answer = await client.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private HttpRequestMessage Request(HttpMethod method, string owner) => new(method, $"internal/owners/{Uri.EscapeDataString(owner)}")
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", tokens.IssueForServices()) },
    };
}
