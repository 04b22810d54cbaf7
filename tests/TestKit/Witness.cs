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
/// Hears whatever the services of this process log (each with this as one of its providers) and trace, and looks at once
/// for what must not be in it: what looks like a secret, and words that are known to be one.
/// </summary>
public sealed class Witness : ILoggerProvider
{
    private const int Enough = 20; // betrayals say what is wrong; more of them say no more

    private readonly ConcurrentQueue<string>? kept;
    private readonly ConcurrentQueue<string> betrayals = [];
    private readonly ActivityListener listener;
    private ImmutableArray<string> words = [];
    private int count;

    /// <param name="keeps">
    /// Whether all that is heard is kept, to look in it for words that are known only later. Where hundreds of thousands of
    /// requests are heard, it is not.
    /// </param>
    /// <param name="except">The name of a source of traces that it does not hear.</param>
    public Witness(bool keeps = false, string? except = null)
    {
        kept = keeps ? [] : null;
        listener = new()
        {
            ShouldListenTo = source => source.Name != except,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => Hear(Show(activity)),
        };
        ActivitySource.AddActivityListener(listener);
    }

    /// <summary>How much was heard.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Hears a service's log, as much of it as the service's settings say; or all that is of a level.</summary>
    public void Attend(IServiceCollection services, LogLevel? level = null)
    {
        services.AddSingleton<ILoggerProvider>(this);
        if (level is not null)
            services.Configure<LoggerFilterOptions>(filter => filter.AddFilter<Witness>(null, level.Value));
    }

    /// <summary>Looks for these words as well, from now on.</summary>
    public void Mind(params IEnumerable<string> secrets)
    {
        foreach (var secret in secrets)
            ImmutableInterlocked.Update(ref words, (known, word) => known.Contains(word) ? known : known.Add(word), secret);
    }

    /// <summary>What was heard that has a secret in it; of what was kept, also what has one of these words.</summary>
    public IReadOnlyList<string> Betrayals(params IReadOnlyList<string> secrets)
    {
        var secretsIn = Secrets.OrAnyOf(secrets);
        return [.. betrayals.Concat(kept?.Where(line => secretsIn(line).Any()) ?? []).Distinct().Take(Enough)];
    }

    /// <summary>No secret was in what was heard.</summary>
    public void AssertNothingIsBetrayed(params IReadOnlyList<string> secrets)
    {
        var betrayed = Betrayals(secrets);
        Assert.True(betrayed.Count == 0, "A log or a trace tells a secret:\n" + string.Join('\n', betrayed));
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Listening(this, categoryName);

    /// <summary>Hears no more traces.</summary>
    public void Dispose() => listener.Dispose();

    private void Hear(string line)
    {
        Interlocked.Increment(ref count);
        kept?.Enqueue(line);
        if (betrayals.Count < Enough && (words.Any(word => line.Contains(word, StringComparison.Ordinal)) || Secrets.In(line).Any()))
            betrayals.Enqueue(line);
    }

    private static string Show(Activity activity) => string.Join(' ', (IEnumerable<string?>)
    [
        activity.Source.Name, activity.DisplayName, activity.StatusDescription, activity.TraceStateString,
        .. activity.TagObjects.Select(Show), .. activity.Baggage.Select(item => $"{item.Key}={item.Value}"),
        .. activity.Events.SelectMany(happened => happened.Tags.Select(tag => $"{happened.Name}.{Show(tag)}")),
        .. activity.Links.SelectMany(link => link.Tags?.Select(Show) ?? []),
    ]);

    private static string Show(KeyValuePair<string, object?> named) => $"{named.Key}={Show(named.Value)}";

    // Whoever sends it somewhere sends what is in a list, not the name of the list's type.
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
            witness.Hear($"{category} scope {state} {Show(state)}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            witness.Hear($"{category} {formatter(state, exception)} {Show(state)} {exception}");
    }
}
