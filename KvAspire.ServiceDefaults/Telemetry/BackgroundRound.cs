using System.Diagnostics;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>
/// A round of work that no request asked for: a poll, a sweep. Nothing that happens in it is traced, here or in services that it
/// calls. A round that did something leaves one span: its name, its duration, and how much it did.
/// </summary>
/// <remarks>
/// The parent of all spans in a round is a span that is not recorded. OpenTelemetry's <c>SuppressInstrumentationScope</c> would keep
/// log lines from being exported as well.
/// </remarks>
public sealed class BackgroundRound : IDisposable
{
    /// <summary>The source of the spans of background work.</summary>
    public const string SourceName = "KvAspire.Background";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly Activity? outer = Activity.Current;
    private readonly Activity untraced;
    private readonly DateTimeOffset begin;
    private readonly TimeProvider time;
    private ActivityTagsCollection? done;

    private BackgroundRound(string name, TimeProvider time)
    {
        (this.time, begin) = (time, time.GetUtcNow());
        Activity.Current = null;
        untraced = new Activity(name).Start();
    }

    /// <summary>Begins a round, or several that are never recorded.</summary>
    /// <param name="name">The name of the span: <c>kvaspire.</c> and what is done.</param>
    /// <param name="time">The clock.</param>
    public static BackgroundRound Begin(string name, TimeProvider? time = null) => new(name, time ?? TimeProvider.System);

    /// <summary>
    /// Begins the trace of work that was found, within a round: unlike the round's own span, it has child spans. Dispose of it in
    /// the method that called this one.
    /// </summary>
    /// <param name="name">The name of the span: <c>kvaspire.</c> and what is done.</param>
    /// <param name="cause">The request that asked for the work, to link to.</param>
    public static Activity? Found(string name, ActivityContext cause = default)
    {
        Activity.Current = null;
        return Source.StartActivity(
            ActivityKind.Internal, links: cause.IsValid() ? [new(cause)] : null, name: name);
    }

    /// <summary>Tells what the round did. A round that did nothing leaves no span.</summary>
    /// <param name="attribute">The attribute of the number, for example <c>kvaspire.changes.removed</c>.</param>
    /// <param name="count">How much. Nothing is told of 0; several numbers of an attribute are added.</param>
    public void Did(string attribute, long count)
    {
        if (count > 0)
            (done ??= [])[attribute] = count + (done.TryGetValue(attribute, out var before) && before is long number ? number : 0);
    }

    /// <summary>Ends the round.</summary>
    public void Dispose()
    {
        untraced.Stop();
        if (done is not null)
        {
            Activity.Current = null;
            using var span = Source.StartActivity(ActivityKind.Internal, tags: done, startTime: begin, name: untraced.OperationName);
            span?.SetEndTime(time.GetUtcNow().UtcDateTime);
        }

        Activity.Current = outer;
    }
}

internal static class ActivityContexts
{
    public static bool IsValid(this ActivityContext context) => context.TraceId != default && context.SpanId != default;
}
