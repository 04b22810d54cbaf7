using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace KvAspire.Libraries.Tests;

/// <summary>Records all log lines.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<(string Category, string Text)> lines = [];

    /// <summary>The lines of the categories with one of these prefixes.</summary>
    public IEnumerable<(string Category, string Text)> Of(params string[] categories) =>
        lines.Where(line => categories.Any(category => line.Category.StartsWith(category, StringComparison.Ordinal)));

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, lines);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<(string Category, string Text)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((category, formatter(state, exception)));
    }
}
