using System.Net;
using System.Net.Http.Headers;

namespace KvAspire.Client;

/// <summary>
/// Sends requests with a token. Repeats a request once with a new token after 401, and after other failures where the request is
/// safe to repeat.
/// </summary>
internal sealed class Transport(HttpClient http, Tokens tokens, KvClientOptions options)
{
    /// <summary>Sends a request, and throws <see cref="KvException"/> for an error response.</summary>
    /// <param name="operation">The name of the operation in telemetry.</param>
    /// <param name="create">Creates the request of each attempt.</param>
    /// <param name="cancellationToken">Cancels all attempts.</param>
    /// <param name="accepts">The other statuses that do not throw.</param>
    public Task<HttpResponseMessage> SendAsync(
        string operation, Func<HttpRequestMessage> create, CancellationToken cancellationToken, params HttpStatusCode[] accepts) =>
        KvTelemetry.MeasureAsync(operation, async () =>
        {
            var response = await AttemptsAsync(create, cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode || accepts.Contains(response.StatusCode))
                return response;

            using (response)
                throw await KvException.FromAsync(response, cancellationToken).ConfigureAwait(false);
        });

    private async Task<HttpResponseMessage> AttemptsAsync(Func<HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        bool isSafe;
        using (var first = create())
            isSafe = Repetition.IsSafe(first);
        for (var retries = 0; ; retries++)
        {
            TimeSpan? demanded = null;
            try
            {
                var response = await AttemptInTimeAsync(create, cancellationToken).ConfigureAwait(false);
                if (retries >= options.MaxRetries
                    || !await Repetition.FollowsAsync(response, isSafe, options.MaxRetryDelay, cancellationToken).ConfigureAwait(false))
                    return response;

                demanded = response.Headers.RetryAfter?.Delta;
                response.Dispose();
            }
            catch (Exception failure) when (isSafe && retries < options.MaxRetries && Repetition.IsTransient(failure))
            {
                // The request may be sent again.
            }

            await Task.Delay(demanded ?? Pause(retries), options.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    // Doubles, with jitter so that clients do not return together.
    private TimeSpan Pause(int retries)
    {
        var longest = Math.Min(options.MaxRetryDelay.TotalMilliseconds, options.RetryDelay.TotalMilliseconds * Math.Pow(2, Math.Min(retries, 30)));
        return TimeSpan.FromMilliseconds(longest * (0.5 + (Random.Shared.NextDouble() / 2)));
    }

    private async Task<HttpResponseMessage> AttemptInTimeAsync(Func<HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(options.AttemptTimeout, options.Time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, time.Token);
        try
        {
            return await AttemptAsync(create, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException canceled) when (time.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The service did not respond within {options.AttemptTimeout}.", canceled);
        }
    }

    /// <summary>Makes one attempt. The response may still stream when this returns.</summary>
    public async Task<HttpResponseMessage> AttemptAsync(Func<HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        var token = await tokens.GetAsync(refused: null, cancellationToken).ConfigureAwait(false);
        var response = await SendOnceAsync(create, token, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode is not HttpStatusCode.Unauthorized || !tokens.CanRenew)
            return response;

        response.Dispose();
        var another = await tokens.GetAsync(refused: token, cancellationToken).ConfigureAwait(false);
        return await SendOnceAsync(create, another, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Func<HttpRequestMessage> create, string? token, CancellationToken cancellationToken)
    {
        using var request = create();
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (request.Content is not null)
        {
            // A service that does not know a member must not ignore it. Services of releases before this one do not know the
            // preference, and ignore both.
            request.Headers.Add("Prefer", "handling=strict");
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
    }
}
