using System.Net;
using System.Net.Http.Headers;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace KvAspire.Client;

/// <summary>
/// Sends requests with a token. Repeats a request once with a new token after 401, and after other failures where the request is
/// safe to repeat.
/// </summary>
internal sealed class Transport(HttpClient http, Tokens tokens, KvClientOptions options)
{
    private static readonly ResiliencePropertyKey<Func<HttpRequestMessage>> Request = new("request");
    private static readonly ResiliencePropertyKey<bool> IsSafe = new("is-safe");

    private readonly ResiliencePipeline<HttpResponseMessage> pipeline = Pipeline(options);

    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>Sends a request, and throws <see cref="KvException"/> for an error response.</summary>
    /// <param name="create">Creates the request of each attempt.</param>
    /// <param name="cancellationToken">Cancels all attempts.</param>
    /// <param name="accepts">An error status that does not throw.</param>
    public async Task<HttpResponseMessage> SendAsync(
        Func<HttpRequestMessage> create, CancellationToken cancellationToken, HttpStatusCode? accepts = null)
    {
        var response = await AttemptsAsync(create, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode || response.StatusCode == accepts)
            return response;

        using (response)
            throw await KvException.FromAsync(response, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> AttemptsAsync(Func<HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        try
        {
            context.Properties.Set(Request, create);
            using (var first = create())
                context.Properties.Set(IsSafe, first.Method == HttpMethod.Get || first.Method == HttpMethod.Head || first.Headers.Contains(IdempotencyKey));
            return await pipeline.ExecuteAsync(
                static async (context, self) => await self.AttemptAsync(context.Properties.GetValue(Request, null!), context.CancellationToken).ConfigureAwait(false),
                context, this).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
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

    private static ResiliencePipeline<HttpResponseMessage> Pipeline(KvClientOptions options)
    {
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = options.Time };
        if (options.MaxRetries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = options.MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                MaxDelay = options.MaxRetryDelay,
                ShouldHandle = async attempt => await MayBeRepeatedAsync(attempt.Context, attempt.Outcome, options).ConfigureAwait(false),
                DelayGenerator = attempt => ValueTask.FromResult(attempt.Outcome.Result?.Headers.RetryAfter?.Delta),
                OnRetry = attempt =>
                {
                    attempt.Outcome.Result?.Dispose();
                    return default;
                },
            });
        }

        return builder.AddTimeout(options.AttemptTimeout).Build();
    }

    // 429 comes before any effect, so every request may be repeated. After other failures the effect is unknown.
    private static async ValueTask<bool> MayBeRepeatedAsync(ResilienceContext context, Outcome<HttpResponseMessage> outcome, KvClientOptions options)
    {
        var isSafe = context.Properties.GetValue(IsSafe, false);
        if (outcome.Exception is { } exception)
            return isSafe && !context.CancellationToken.IsCancellationRequested && exception is (HttpRequestException or TimeoutRejectedException or IOException);

        var response = outcome.Result!;
        if (response.Headers.RetryAfter?.Delta > options.MaxRetryDelay)
            return false;
        if (response.StatusCode is HttpStatusCode.TooManyRequests)
            return true;
        if (!isSafe)
            return false;
        if (response.StatusCode is HttpStatusCode.Conflict)
            return await IsUnderWayAsync(response, context.CancellationToken).ConfigureAwait(false);

        return response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
    }

    // The service still works on an earlier attempt.
    private static async Task<bool> IsUnderWayAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await response.Content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
        return (await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false)).Contains("\"IDEMPOTENCY_IN_PROGRESS\"", StringComparison.Ordinal);
    }
}
