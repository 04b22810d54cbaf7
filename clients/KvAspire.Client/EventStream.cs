using System.Globalization;
using System.Text;

namespace KvAspire.Client;

/// <summary>How far a watch has come, over all of its connections.</summary>
internal sealed class WatchPosition
{
    /// <summary>The last id that was seen.</summary>
    public string? LastId { get; set; }

    /// <summary>What the service asks to wait before one comes back.</summary>
    public TimeSpan Retry { get; set; } = TimeSpan.FromMilliseconds(500);
}

/// <summary>Server-sent events of one connection (WHATWG HTML, section 9.2).</summary>
internal sealed class EventStream(HttpResponseMessage response, Stream stream, WatchPosition position, TimeSpan silence) : IDisposable
{
    private readonly StreamReader reader = new(stream, Encoding.UTF8);

    /// <summary>A block: an event, or, without data, a sign of life.</summary>
    internal sealed record Message(string? Name, string? Data);

    /// <summary>The next block. Null where the connection has ended, was cut, or gives no sign of life.</summary>
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

    /// <inheritdoc/>
    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }

    // The position moves with whole blocks only: one that was cut comes again.
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
