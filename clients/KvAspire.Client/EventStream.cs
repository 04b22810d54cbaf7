using System.Globalization;
using System.Text;

namespace KvAspire.Client;

/// <summary>The position of a watch, across its connections.</summary>
internal sealed class WatchPosition
{
    public string? LastId { get; set; }

    /// <summary>The pause before a reconnection, as the service demands it.</summary>
    public TimeSpan Retry { get; set; } = TimeSpan.FromMilliseconds(500);
}

/// <summary>Server-sent events of one connection (WHATWG HTML, section 9.2).</summary>
internal sealed class EventStream(HttpResponseMessage response, Stream stream, WatchPosition position, TimeSpan silence) : IDisposable
{
    private readonly StreamReader reader = new(stream, Encoding.UTF8);

    /// <summary>An event or, without data, a heartbeat.</summary>
    internal sealed record Message(string? Name, string? Data);

    /// <summary>The next message; null where the connection has ended, broke or is silent.</summary>
    public async Task<Message?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReadBlockAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }

    // Only a whole block moves the position: a block that was cut comes again.
    private async Task<Message?> ReadBlockAsync(CancellationToken cancellationToken)
    {
        var (id, name, data) = ((string?)null, (string?)null, (StringBuilder?)null);
        while (await ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (line.Length == 0)
            {
                position.LastId = id ?? position.LastId;
                return new(name, data?.ToString());
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (field, value) = colon < 0 ? (line, "") : (line[..colon], line[(colon + 1)..]);
            value = value.StartsWith(' ') ? value[1..] : value;
            switch (field)
            {
                case "id":
                    id = value;
                    break;
                case "event":
                    name = value;
                    break;
                case "data":
                    data = data is null ? new(value) : data.Append('\n').Append(value);
                    break;
                case "retry" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds):
                    position.Retry = TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 50, 30_000));
                    break;
            }
        }

        return null;
    }

    private async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(silence);
        return await reader.ReadLineAsync(patience.Token).ConfigureAwait(false);
    }
}
