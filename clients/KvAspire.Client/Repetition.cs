using System.Net;

namespace KvAspire.Client;

/// <summary>Which requests may be sent again. The client and the handler that the extensions add have the same rules.</summary>
internal static class Repetition
{
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>Marks a request whose sender repeats it itself, or not at all.</summary>
    public static readonly HttpRequestOptionsKey<bool> Once = new("KvAspire.Client.Once");

    /// <summary>Whether a second request has no second effect.</summary>
    public static bool IsSafe(HttpRequestMessage request) =>
        request.Method == HttpMethod.Get || request.Method == HttpMethod.Head || request.Headers.Contains(IdempotencyKey);

    /// <summary>Whether an exception leaves hope for another attempt.</summary>
    public static bool IsTransient(Exception failure) => failure is HttpRequestException or IOException or TimeoutException;

    /// <summary>Whether to repeat a request after a response.</summary>
    /// <param name="response">The response. 429 comes before any effect; after other failures the effect is unknown.</param>
    /// <param name="isSafe">Whether a second request has no second effect.</param>
    /// <param name="longest">The <c>Retry-After</c> beyond which the caller does not wait.</param>
    /// <param name="cancellationToken">Cancels the reading of the response.</param>
    public static async ValueTask<bool> FollowsAsync(HttpResponseMessage response, bool isSafe, TimeSpan longest, CancellationToken cancellationToken)
    {
        if (response.Headers.RetryAfter?.Delta > longest)
            return false;

        return response.StatusCode switch
        {
            HttpStatusCode.TooManyRequests => true,
            HttpStatusCode.Conflict => isSafe && await IsUnderWayAsync(response, cancellationToken).ConfigureAwait(false),
            HttpStatusCode.RequestTimeout or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => isSafe,
            _ => false,
        };
    }

    // The service still works on an earlier attempt.
    private static async Task<bool> IsUnderWayAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        (await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false)).Contains("\"IDEMPOTENCY_IN_PROGRESS\"", StringComparison.Ordinal);
}
