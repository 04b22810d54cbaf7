using System.Collections.Concurrent;
using KvAspire.TestKit;
using Microsoft.Extensions.Logging;

namespace KvAspire.AppHost.Tests;

/// <summary>Records the AppHost's log, which contains the output of all resources.</summary>
public sealed class ConsoleLines : ILoggerProvider
{
    private readonly ConcurrentQueue<string> lines = [];

    public bool IsEmpty => lines.IsEmpty;

    /// <summary>The lines with one of these words, or with something that looks like a secret.</summary>
    public IReadOnlyList<string> Findings(params IReadOnlyList<string> words)
    {
        var secretsIn = Secrets.OrAnyOf(words);
        return [.. lines.Where(line => secretsIn(line).Any()).Take(10)];
    }

    public ILogger CreateLogger(string categoryName) => new Listening(lines);

    public void Dispose()
    {
        // Lines are kept for the end of the run.
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
