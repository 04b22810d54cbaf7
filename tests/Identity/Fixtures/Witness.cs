using System.Collections.Concurrent;
using System.Diagnostics;
using KvAspire.TestKit;
using Microsoft.Extensions.Logging;

namespace KvAspire.Identity.Tests.Fixtures;

/// <summary>Keeps whatever the service logs and traces, to look for what must not be in it.</summary>
internal sealed class Witness : ILoggerProvider
{
    private readonly ConcurrentQueue<string> heard = [];
    private readonly ActivityListener listener;

    public Witness()
    {
        listener = new()
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => heard.Enqueue(Show(activity)),
        };
        ActivitySource.AddActivityListener(listener);
    }

    /// <summary>Hears every service of this run of the tests.</summary>
    public static Witness OfTheSuite { get; } = new();

    /// <summary>How much was heard.</summary>
    public int Count => heard.Count;

    /// <summary>What was heard that has one of these words, or that looks like a secret.</summary>
    public IReadOnlyList<string> Betrayals(params IReadOnlyList<string> words) =>
        [.. heard.Where(line => words.Any(word => line.Contains(word, StringComparison.Ordinal)) || Secrets.In(line).Any()).Take(10)];

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Listening(this, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The logger factory of each service disposes of its providers; this one outlives them.
    }

    private static string Show(Activity activity) => string.Join(' ', (IEnumerable<string?>)
    [
        activity.Source.Name, activity.DisplayName, activity.StatusDescription,
        .. activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"), .. activity.Baggage.Select(item => $"{item.Key}={item.Value}"),
        .. activity.Events.SelectMany(happened => happened.Tags.Select(tag => $"{happened.Name}.{tag.Key}={tag.Value}")),
    ]);

    private sealed class Listening(Witness witness, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            witness.heard.Enqueue($"{category} scope {Values(state)}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            witness.heard.Enqueue($"{category} {formatter(state, exception)} {Values(state)} {exception}");

        private static string Values(object? state) =>
            state is IEnumerable<KeyValuePair<string, object?>> values ? string.Join(' ', values.Select(value => $"{value.Key}={value.Value}")) : $"{state}";
    }
}
