using System.Diagnostics;
using OpenTelemetry.Instrumentation.Http;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>The spans of calls to other services.</summary>
internal static class CallSpans
{
    private const string Internal = "/internal/", Owners = "/internal/owners/";

    public static void Configure(HttpClientTraceInstrumentationOptions calls)
    {
        calls.EnrichWithHttpRequestMessage = Name;
        calls.EnrichWithHttpResponseMessage = Judge;
    }

    // The addresses between services are few, and have no data of a user but the ids of owners.
    private static void Name(Activity span, HttpRequestMessage request)
    {
        if (request.RequestUri?.AbsolutePath is not { } path || !path.StartsWith(Internal, StringComparison.Ordinal))
            return;

        var template = path.StartsWith(Owners, StringComparison.Ordinal) ? Owners + "{sub}" : path;
        span.DisplayName = $"{request.Method} {template}";
        span.SetTag("url.template", template);
    }

    // The conventions make an error of a 4xx. But the caller passes the refusal on to its client, or asked to learn of it, and
    // an operator need not look.
    private static void Judge(Activity span, HttpResponseMessage response)
    {
        if ((int)response.StatusCode is < 400 or >= 500)
            return;

        span.SetStatus(ActivityStatusCode.Unset);
        span.SetTag("error.type", null);
    }
}
