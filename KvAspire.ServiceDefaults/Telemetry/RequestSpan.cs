using System.Diagnostics;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>What happened to a request, on its span. Costs next to nothing where the request is not recorded.</summary>
public static class RequestSpan
{
    /// <summary>The source of the spans of waiting.</summary>
    public const string SourceName = "KvAspire.Waits";

    // Shorter waits are no news.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether the current span is recorded. Else an event need not be prepared.</summary>
    public static bool IsRecorded => Activity.Current is { Recorded: true };

    /// <summary>Adds an event with numbers to the current span.</summary>
    public static void Happened(string name, params ReadOnlySpan<(string Attribute, long Number)> numbers)
    {
        if (Activity.Current is not { Recorded: true } span)
            return;

        var tags = new ActivityTagsCollection();
        foreach (var (attribute, number) in numbers)
            tags[attribute] = number;
        span.AddEvent(new(name, tags: tags));
    }

    /// <summary>Adds an event with an attribute to the current span.</summary>
    /// <param name="name">The event's name.</param>
    /// <param name="attribute">The attribute's name.</param>
    /// <param name="value">One of few values, never data of a user.</param>
    public static void Happened(string name, string attribute, string value)
    {
        if (Activity.Current is { Recorded: true } span)
            span.AddEvent(new(name, tags: new() { [attribute] = value }));
    }

    /// <summary>Adds a span for a wait that ends now, if it was longer than a millisecond.</summary>
    /// <param name="name">The span's name.</param>
    /// <param name="began">The timestamp (<see cref="Stopwatch"/>) of the wait's begin.</param>
    public static void Waited(string name, long began)
    {
        if (Activity.Current is { Recorded: true } span)
            Took(name, span.Context, began, Stopwatch.GetTimestamp());
    }

    /// <summary>Adds a span between two timestamps, if it is longer than a millisecond.</summary>
    /// <param name="name">The span's name.</param>
    /// <param name="parent">The span of the request.</param>
    /// <param name="began">The timestamp (<see cref="Stopwatch"/>) of the begin.</param>
    /// <param name="ended">The timestamp of the end.</param>
    public static void Took(string name, ActivityContext parent, long began, long ended)
    {
        if (!parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) || Stopwatch.GetElapsedTime(began, ended) is var took && took < Shortest)
            return;

        var end = TimeProvider.System.GetUtcNow() - Stopwatch.GetElapsedTime(ended);
        using var span = Source.StartActivity(ActivityKind.Internal, parent, startTime: end - Stopwatch.GetElapsedTime(began, ended), name: name);
        span?.SetEndTime(end.UtcDateTime);
    }
}
