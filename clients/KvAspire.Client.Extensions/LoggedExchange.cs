using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Polly.Timeout;

namespace KvAspire.Client;

/// <summary>Logs requests after their retries, and turns the time-out of the pipeline into one that the client knows.</summary>
internal sealed class LoggedExchange(ILogger logger) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var (start, method) = (Stopwatch.GetTimestamp(), request.Method.Method);
        try
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            KvLog.Answered(logger, method, (int)response.StatusCode, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            return response;
        }
        catch (TimeoutRejectedException late)
        {
            KvLog.Failed(logger, method, nameof(TimeoutException));
            throw new TimeoutException($"The service did not respond within {late.Timeout}.", late);
        }
        catch (HttpRequestException failure)
        {
            KvLog.Failed(logger, method, failure.HttpRequestError.ToString());
            throw;
        }
    }
}
