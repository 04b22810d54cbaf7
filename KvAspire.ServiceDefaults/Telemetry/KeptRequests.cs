using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Hosting;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>
/// Records requests after the fact: those that the sampler dropped, and that end as an error or take long. Good requests pay
/// nothing for it: ASP.NET Core makes a span for each anyway, only to pass its ids on. Spans of their children are missing, and
/// only so many requests of a second are kept.
/// </summary>
internal sealed class KeptRequests(TracingOptions options, TimeProvider clock, DiagnosticListener requests)
    : IHostedService, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    /// <summary>The attribute of such a span: why it was kept.</summary>
    public const string Kept = "kvaspire.kept";

    /// <summary>The header of an error whose trace is not recorded: a boolean of RFC 9651.</summary>
    public const string RecordedHeader = "Trace-Recorded", No = "?0";

    private const string Ended = "Microsoft.AspNetCore.Hosting.HttpRequestIn.Stop";

    private readonly PerSecond all = new(options.KeptErrorsPerSecond, clock);

    // A flood of refusals must leave room for failures.
    private readonly PerSecond refusals = new((options.KeptErrorsPerSecond + 1) / 2, clock);

    private IDisposable? subscription;

    /// <summary>Keeps the trace of a request that is about to be answered with an error.</summary>
    /// <returns>Whether the trace is recorded. If not, the answer has to say so.</returns>
    public bool TryKeepError(HttpContext context)
    {
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is { } span && (span.Recorded || TryKeep(context, span, "error")))
            return true;

        context.Response.Headers[RecordedHeader] = No;
        return false;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        subscription = requests.Subscribe(this, static name => name is Ended);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => subscription?.Dispose();

    /// <summary>The end of a request, a moment before that of its span.</summary>
    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key is not Ended || value.Value is not HttpContext context
            || context.Features.Get<IHttpActivityFeature>()?.Activity is not { Recorded: false } span)
            return;

        var status = context.Response.StatusCode;
        var isError = status is >= StatusCodes.Status400BadRequest and not StatusCodes.Status499ClientClosedRequest;
        if (isError || (span.Duration >= options.SlowRequest && !IsStream(context.Response)))
            EndKept(context, span, isError ? "error" : "slow", status);
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    // The service behind this one, or this one, has told the client that there is no trace. It stays true.
    private void EndKept(HttpContext context, Activity span, string reason, int status)
    {
        if (context.Response.Headers.ContainsKey(RecordedHeader) || !TryKeep(context, span, reason))
            return;

        // OpenTelemetry's instrumentation does the same, but only where it hears of the end after this class.
        if (UntracedRequests.EndpointOf(context)?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route is { Length: > 0 } route)
        {
            span.SetTag("http.route", route);
            span.DisplayName = $"{span.DisplayName} {route}";
        }

        span.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
            span.SetStatus(ActivityStatusCode.Error);
    }

    private bool TryKeep(HttpContext context, Activity span, string reason)
    {
        if (UntracedRequests.Contain(context)
            || (context.Response.StatusCode is >= 400 and < 500 && !refusals.TryTake()) || !all.TryTake())
            return false;

        var request = context.Request;
        var method = KnownMethods.Of(request);
        span.IsAllDataRequested = true;
        span.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
        span.DisplayName = method is KnownMethods.Other ? "HTTP" : method;
        span.SetTag("http.request.method", method);
        span.SetTag("url.scheme", request.Scheme);
        span.SetTag("network.protocol.version", request.Protocol[(request.Protocol.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        span.SetTag("server.address", request.Host.Host);
        if (request.Host.Port is { } port)
            span.SetTag("server.port", port);
        span.SetTag(Kept, reason);
        return true;
    }

    private static bool IsStream(HttpResponse response) =>
        response.ContentType?.StartsWith("text/event-stream", StringComparison.Ordinal) is true;
}
