using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;

namespace KvAspire.Client;

/// <summary>The HTTP client below a <see cref="KvClient"/>.</summary>
internal static class KvHttp
{
    public static string NameOf(string client) => client.Length is 0 ? KvTelemetry.Name : $"{KvTelemetry.Name}:{client}";

    // The client is a singleton and keeps its handler. Hence no new handlers, but new connections, to notice DNS changes. The
    // factory's own logs contain URLs, and so the keys of entries.
    public static IHttpClientBuilder Add(IServiceCollection services, string client)
    {
        var http = services.AddHttpClient(NameOf(client))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .UseSocketsHttpHandler(static (handler, _) =>
            {
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
                handler.ConnectTimeout = TimeSpan.FromSeconds(10);
            })
            .RemoveAllLoggers()
            .AddHttpMessageHandler(static provider => new LoggedExchange(Logger(provider)));
        http.AddResilienceHandler("retries", (pipeline, context) =>
        {
            var settings = context.ServiceProvider.GetRequiredService<IOptionsMonitor<KvClientSettings>>().Get(client);
            if (settings.MaxRetries > 0)
                pipeline.AddRetry(Retries(settings, Logger(context.ServiceProvider)));
            pipeline.AddTimeout(new HttpTimeoutStrategyOptions { Timeout = settings.AttemptTimeout });
        });
        return http;
    }

    private static HttpRetryStrategyOptions Retries(KvClientSettings settings, ILogger logger) => new()
    {
        MaxRetryAttempts = settings.MaxRetries,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = settings.RetryDelay,
        MaxDelay = settings.MaxRetryDelay,
        ShouldHandle = async attempt =>
        {
            if (attempt.Context.GetRequestMessage() is not { } request || request.Options.TryGetValue(Repetition.Once, out _))
                return false;
            if (attempt.Outcome.Result is { } response)
                return await Repetition.FollowsAsync(response, Repetition.IsSafe(request), settings.MaxRetryDelay, attempt.Context.CancellationToken).ConfigureAwait(false);

            return Repetition.IsSafe(request) && attempt.Outcome.Exception is { } failure
                && (Repetition.IsTransient(failure) || failure is Polly.Timeout.TimeoutRejectedException);
        },
        OnRetry = attempt =>
        {
            KvLog.Retried(
                logger, attempt.Context.GetRequestMessage()?.Method.Method, attempt.AttemptNumber + 1, (int?)attempt.Outcome.Result?.StatusCode,
                attempt.Outcome.Exception?.GetType().Name, attempt.RetryDelay.TotalMilliseconds);
            return default;
        },
    };

    private static ILogger Logger(IServiceProvider provider) => provider.GetRequiredService<ILoggerFactory>().CreateLogger(KvTelemetry.Name);
}
