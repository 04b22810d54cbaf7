using System.Net.Http.Headers;
using KvAspire.Identity.Tokens;

namespace KvAspire.Identity.Erasure;

/// <summary>What the data service does with everything that it holds of one user.</summary>
internal sealed class DataOwners(HttpClient client, TokenIssuer tokens)
{
    /// <summary>All that is stored, as one JSON object. The caller disposes of it. Null where the data service is away.</summary>
    public async Task<HttpResponseMessage?> ExportAsync(string userId, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, userId);
        try
        {
            var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (answer.IsSuccessStatusCode)
                return answer;

            answer.Dispose();
        }
        catch (HttpRequestException)
        {
            // Away.
        }

        return null;
    }

    /// <summary>Erases all that is stored. May be asked any number of times.</summary>
    public async Task EraseAsync(string userId, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Delete, userId);
        using var answer = await client.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private HttpRequestMessage Request(HttpMethod method, string userId) => new(method, $"internal/owners/{Uri.EscapeDataString(userId)}")
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", tokens.IssueForServices()) },
    };
}
