using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KvAspire.TestKit;

/// <summary>A line of a log.</summary>
/// <param name="Level">The level.</param>
/// <param name="Category">The category.</param>
/// <param name="Id">The event.</param>
/// <param name="Text">The message.</param>
/// <param name="Exception">The exception.</param>
public sealed record HeardLine(LogLevel Level, string Category, EventId Id, string Text, Exception? Exception);

/// <summary>Keeps the lines of a service's log, by the service's own settings.</summary>
public sealed class HeardLog : ILoggerProvider
{
    private readonly ConcurrentQueue<HeardLine> lines = [];

    /// <summary>The lines, oldest first.</summary>
    public IReadOnlyCollection<HeardLine> Lines => lines;

    /// <summary>The lines of one event.</summary>
    public IReadOnlyList<HeardLine> Of(int id) => [.. lines.Where(line => line.Id.Id == id)];

    /// <summary>Forgets all lines.</summary>
    public void Clear() => lines.Clear();

    /// <summary>Hears a service.</summary>
    public void Attend(IServiceCollection services) => services.AddSingleton<ILoggerProvider>(this);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, lines);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The lines are kept for the test.
    }

    private sealed class Logger(string category, ConcurrentQueue<HeardLine> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(new(logLevel, category, eventId, formatter(state, exception), exception));
    }
}
