using System.Collections.Concurrent;
using KvAspire.TestKit;
using Microsoft.Extensions.Logging;

namespace KvAspire.AppHost.Tests;

/// <summary>Keeps what the AppHost logs, which has whatever the processes of its resources write.</summary>
public sealed class ConsoleLines : ILoggerProvider
{
    private readonly ConcurrentQueue<string> lines = [];

    /// <summary>Whether nothing was written.</summary>
    public bool IsEmpty => lines.IsEmpty;

    /// <summary>The lines that have one of these words, or what looks like a secret.</summary>
    public IReadOnlyList<string> Betrayals(params IReadOnlyList<string> words)
    {
        var secretsIn = Secrets.OrAnyOf(words);
        return [.. lines.Where(line => secretsIn(line).Any()).Take(10)];
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Listening(lines);

    /// <inheritdoc/>
    public void Dispose()
    {
        // What was written is looked at afterwards.
    }

    private sealed class Listening(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{formatter(state, exception)} {exception}");
    }
}
