using Xunit;

namespace KvAspire.Data.Tests.Fixtures;

/// <summary>A server-sent event.</summary>
public sealed record StreamedEvent(string? Id, string? Name, string Data);

/// <summary>Reads server-sent events as a browser does: blocks without data move the id and are no events.</summary>
public sealed class EventReader : IDisposable
{
    private readonly HttpResponseMessage response;
    private readonly StreamReader reader;

    private EventReader(HttpResponseMessage response, Stream stream)
    {
        this.response = response;
        reader = new StreamReader(stream);
    }

    /// <summary>The last id, which a client sends to resume.</summary>
    public string? LastId { get; private set; }

    /// <summary>Opens a stream and reads its position.</summary>
    public static async Task<EventReader> OpenAsync(User user, string query = "", string? lastEventId = null)
    {
        var response = await user.WatchAsync(query, lastEventId);
        if ((int)response.StatusCode != 200)
            Assert.Fail(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        var stream = new EventReader(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        while (stream.LastId is null)
            await stream.ReadBlockAsync(TestContext.Current.CancellationToken);
        return stream;
    }

    /// <summary>Reads the next event; null if the stream has ended.</summary>
    public async Task<StreamedEvent?> ReadAsync(TimeSpan? patience = null)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        enough.CancelAfter(patience ?? TimeSpan.FromSeconds(20));
        try
        {
            while (await ReadBlockAsync(enough.Token) is { } block)
            {
                if (block.Data.Length > 0)
                    return block;
            }

            return null;
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            return null; // cut off
        }
    }

    /// <summary>Reads the next events.</summary>
    public async Task<List<StreamedEvent>> ReadAsync(int count)
    {
        var events = new List<StreamedEvent>();
        while (events.Count < count && await ReadAsync() is { } next)
            events.Add(next);
        return events;
    }

    /// <summary>Waits until the stream has reached a position, with or without events.</summary>
    public async Task UntilAsync(string id)
    {
        while (LastId != id && await ReadBlockAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20)) is not null)
        {
        }

        Assert.Equal(id, LastId);
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }

    private async Task<StreamedEvent?> ReadBlockAsync(CancellationToken cancellationToken)
    {
        var (id, name, data) = ((string?)null, (string?)null, (string?)null);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                LastId = id ?? LastId;
                return new(id, name, data ?? "");
            }

            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data = data is null ? line[6..] : $"{data}\n{line[6..]}";
        }

        return null;
    }
}
