using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace KvAspire.Client;

/// <summary>
/// The client's spans (<c>kv get</c>, with <c>kv.operation</c>) and its histogram <c>kvaspire.client.operation.duration</c> in
/// seconds, by <c>kv.operation</c> and, after a failure, <c>error.type</c>: the error code or the exception. Retries are part of
/// an operation. No key, value or token is in either.
/// </summary>
public static class KvTelemetry
{
    /// <summary>The name of the <see cref="ActivitySource"/> and of the <see cref="Meter"/>.</summary>
    public const string Name = "KvAspire.Client";

    internal static readonly string Version =
        typeof(KvTelemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static readonly ActivitySource Spans = new(Name, Version);
    private static readonly Meter Meter = new(Name, Version);
    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>("kvaspire.client.operation.duration", "s", "Duration of operations, with retries.");

    internal static async Task<HttpResponseMessage> MeasureAsync(string operation, Func<Task<HttpResponseMessage>> run)
    {
        var start = Stopwatch.GetTimestamp();
        using var span = Spans.StartActivity($"kv {operation}", ActivityKind.Client);
        span?.SetTag("kv.operation", operation);
        string? error = null;
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            error = failure is KvException refusal ? refusal.Code : failure.GetType().FullName!;
            span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", error);
            throw;
        }
        finally
        {
            var tags = new TagList { { "kv.operation", operation } };
            if (error is not null)
                tags.Add("error.type", error);
            Durations.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tags);
        }
    }
}
