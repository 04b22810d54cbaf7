using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace KvAspire.TestKit;

/// <summary>
/// Observes all logs (as a logger provider of each service) and traces of the services in this process, and searches them for
/// secrets: by their form, and by known words.
/// </summary>
public sealed class Witness : ILoggerProvider
{
    private const int Enough = 20; // findings; more add nothing

    private readonly ConcurrentQueue<string>? kept;
    private readonly ConcurrentQueue<string> findings = [];
    private readonly ActivityListener listener;
    private ImmutableArray<string> words = [];
    private int count;

    /// <param name="keeps">
    /// Whether to keep all texts, to search them later for words that are not known yet. Not for hundreds of thousands of
    /// requests.
    /// </param>
    /// <param name="except">The name of a trace source to ignore.</param>
    public Witness(bool keeps = false, string? except = null)
    {
        kept = keeps ? [] : null;
        listener = new()
        {
            ShouldListenTo = source => source.Name != except,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => Record(Show(activity)),
        };
        ActivitySource.AddActivityListener(listener);
    }

    /// <summary>The number of observed texts.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Observes a service's log, by the service's settings or from the given level.</summary>
    public void Attend(IServiceCollection services, LogLevel? level = null)
    {
        services.AddSingleton<ILoggerProvider>(this);
        if (level is not null)
            services.Configure<LoggerFilterOptions>(filter => filter.AddFilter<Witness>(null, level.Value));
    }

    /// <summary>Adds words to search for from now on.</summary>
    public void Mind(params IEnumerable<string> secrets)
    {
        foreach (var secret in secrets)
            ImmutableInterlocked.Update(ref words, (known, word) => known.Contains(word) ? known : known.Add(word), secret);
    }

    /// <summary>The observed texts with a secret; of the kept texts, also those with one of these words.</summary>
    public IReadOnlyList<string> Findings(params IReadOnlyList<string> secrets)
    {
        var secretsIn = Secrets.OrAnyOf(secrets);
        return [.. findings.Concat(kept?.Where(line => secretsIn(line).Any()) ?? []).Distinct().Take(Enough)];
    }

    /// <summary>Asserts that no observed text has a secret.</summary>
    public void AssertNothingIsBetrayed(params IReadOnlyList<string> secrets)
    {
        var found = Findings(secrets);
        Assert.True(found.Count == 0, "A log or a trace tells a secret:\n" + string.Join('\n', found));
    }

    public ILogger CreateLogger(string categoryName) => new Listening(this, categoryName);

    /// <summary>Stops observing traces.</summary>
    public void Dispose() => listener.Dispose();

    private void Record(string line)
    {
        Interlocked.Increment(ref count);
        kept?.Enqueue(line);
        if (findings.Count < Enough && (words.Any(word => line.Contains(word, StringComparison.Ordinal)) || Secrets.In(line).Any()))
            findings.Enqueue(line);
    }

    private static string Show(Activity activity) => string.Join(' ', (IEnumerable<string?>)
    [
        activity.Source.Name, activity.DisplayName, activity.StatusDescription, activity.TraceStateString,
        .. activity.TagObjects.Select(Show), .. activity.Baggage.Select(item => $"{item.Key}={item.Value}"),
        .. activity.Events.SelectMany(happened => happened.Tags.Select(tag => $"{happened.Name}.{Show(tag)}")),
        .. activity.Links.SelectMany(link => link.Tags?.Select(Show) ?? []),
    ]);

    private static string Show(KeyValuePair<string, object?> named) => $"{named.Key}={Show(named.Value)}";

    // Exporters send the items of a list, not the name of its type.
    private static string? Show(object? value) => value switch
    {
        string text => text,
        IEnumerable<KeyValuePair<string, object?>> values => string.Join(' ', values.Select(Show)),
        ICollection items => string.Join(' ', items.Cast<object?>().Select(Show)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private sealed class Listening(Witness witness, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            witness.Record($"{category} scope {state} {Show(state)}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            witness.Record($"{category} {formatter(state, exception)} {Show(state)} {exception}");
    }
}
