using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace KvAspire.Client;

public sealed partial class KvClient
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Watches changes as they are committed, until it is cancelled. A connection that ends, breaks or falls silent is replaced
    /// by one that goes on where it ended: without gap or duplicate.
    /// </summary>
    /// <param name="prefix">What the keys begin with.</param>
    /// <param name="after">The revision after which to begin: 0 for the oldest that is kept, null for now.</param>
    /// <param name="type">How values are read; by default as the options say.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RevisionCompactedException">What comes next is gone: list anew, and watch from now.</exception>
    /// <exception cref="KvException">The service refuses the watch for good.</exception>
    public async IAsyncEnumerable<KvChange<T>> WatchAsync<T>(
        string prefix = "", long? after = null, JsonTypeInfo<T>? type = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var position = new WatchPosition { LastId = after?.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        for (var failures = 0; ; failures++)
        {
            // 1. A connection, which begins after what was seen.
            using var stream = await OpenAsync(prefix, position, cancellationToken).ConfigureAwait(false);
            if (stream is not null)
            {
                // 2. Its changes, until it ends.
                while (await stream.ReadAsync(cancellationToken).ConfigureAwait(false) is { } message)
                {
                    failures = 0;
                    if (message.Data is not null)
                        yield return Change(message, type);
                }
            }

            // 3. A pause, as long as the service asked for, and longer where it cannot be reached.
            var pause = TimeSpan.FromTicks(Math.Min(LongestBackoff.Ticks, position.Retry.Ticks << Math.Min(failures, 6)));
            await Task.Delay(pause, options.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    // Null where it may be tried again.
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
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && failure is HttpRequestException or IOException or OperationCanceledException)
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
        return new(
            Kind(message.Name), data.GetProperty("key").GetString()!, data.GetProperty("revision").GetInt64(), Value(data, type), Member(data, "metadata"),
            Moment(data, "expires_at"));
    }
}
