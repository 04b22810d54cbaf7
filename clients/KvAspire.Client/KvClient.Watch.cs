using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace KvAspire.Client;

public partial class KvClient
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Watches changes as they are committed. After the end of a connection, a failure or a silence it reconnects and resumes,
    /// without gap or duplicate.
    /// </summary>
    /// <param name="prefix">The prefix of the keys.</param>
    /// <param name="after">The revision after which to begin: 0 for the first change, while none is compacted; null for now.</param>
    /// <param name="type">How to read values; by default <see cref="KvClientOptions.Values"/>.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <exception cref="KvRevisionCompactedException">The next changes are no longer in the history: list the keys, then watch from
    /// now.</exception>
    /// <exception cref="KvException">The service refuses the watch permanently.</exception>
    public virtual async IAsyncEnumerable<KvChange<T>> WatchAsync<T>(
        string prefix = "", long? after = null, JsonTypeInfo<T>? type = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var position = new WatchPosition { LastId = after?.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        for (var failures = 0; ; failures++)
        {
            // 1. Connect, after the last change that was seen.
            using var stream = await OpenAsync(prefix, position, cancellationToken).ConfigureAwait(false);
            if (stream is not null)
            {
                // 2. Read changes until the connection ends.
                while (await stream.ReadAsync(cancellationToken).ConfigureAwait(false) is { } message)
                {
                    failures = 0;
                    if (message.Data is not null)
                        yield return Change(message, type);
                }
            }

            // 3. Pause as the service demands, longer after repeated failures.
            var pause = TimeSpan.FromTicks(Math.Min(LongestBackoff.Ticks, position.Retry.Ticks << Math.Min(failures, 6)));
            await Task.Delay(pause, options.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    // Null after a failure that is worth a retry.
    private async Task<EventStream?> OpenAsync(string prefix, WatchPosition position, CancellationToken cancellationToken)
    {
        HttpResponseMessage? response = null;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(options.AttemptTimeout);
            response = await transport.AttemptAsync(() =>
            {
                var request = new HttpRequestMessage(HttpMethod.Get, $"api/watch?prefix={Uri.EscapeDataString(prefix)}");
                request.Options.Set(Repetition.Once, true);
                if (position.LastId is { } seen)
                    request.Headers.Add("Last-Event-ID", seen);
                return request;
            }, patience.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return new EventStream(
                    response, await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), position, options.WatchSilence);
            }

            var refusal = await KvException.FromAsync(response, cancellationToken).ConfigureAwait(false);
            response.Dispose();
            return refusal.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)refusal.Status >= 500 ? null : throw refusal;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && (Repetition.IsTransient(failure) || failure is OperationCanceledException))
        {
            response?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    private KvChange<T> Change<T>(EventStream.Message message, JsonTypeInfo<T>? type)
    {
        using var json = JsonDocument.Parse(message.Data!, new JsonDocumentOptions { MaxDepth = 1024 });
        var data = json.RootElement;
        var key = data.GetProperty("key").GetString()!;
        return new(
            Kind(message.Name), key, data.GetProperty("revision").GetInt64(), values.Read(key, data, type), Member(data, "metadata"), Moment(data, "expires_at"));
    }
}
