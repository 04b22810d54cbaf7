using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The log of one process; also a logger, for what is said about it.</summary>
internal sealed class ResourceLog(Action<LogLine> written) : ILogger
{
    private const int KeptLines = 1000;

    private readonly Lock _lock = new();
    private readonly Queue<LogLine> _kept = new();
    private readonly List<Channel<LogLine>> _watchers = [];
    private int _lineNumber;

    public IReadOnlyList<LogLine> Kept
    {
        get
        {
            lock (_lock)
                return [.. _kept];
        }
    }

    public void Write(string content, bool isError)
    {
        LogLine line;
        lock (_lock)
        {
            line = new LogLine(++_lineNumber, content, isError);
            _kept.Enqueue(line);
            if (_kept.Count > KeptLines)
                _kept.Dequeue();
            foreach (var watcher in _watchers)
                watcher.Writer.TryWrite(line);
        }

        written(line);
    }

    public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var channel = Channel.CreateUnbounded<LogLine>();
        lock (_lock)
        {
            foreach (var line in _kept)
                channel.Writer.TryWrite(line);
            _watchers.Add(channel);
        }

        try
        {
            await foreach (var line in channel.Reader.ReadAllAsync(cancellation))
                yield return [line];
        }
        finally
        {
            lock (_lock)
                _watchers.Remove(channel);
        }
    }

    public void Complete()
    {
        lock (_lock)
        {
            foreach (var watcher in _watchers)
                watcher.Writer.TryComplete();
        }
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Write(formatter(state, exception), logLevel >= LogLevel.Error);
}
