using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace KvAspire.Hosting.Tests;

/// <summary>Records the log of an application.</summary>
internal sealed class Lines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> lines = [];

    public override string ToString() => string.Join('\n', lines);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Enqueue($"{formatter(state, exception)} {exception}");

    public void Dispose()
    {
        // Lines are kept for later assertions.
    }
}
