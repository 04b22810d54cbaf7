using KvAspire.Data.Cache;
using KvAspire.Data.Changes.Watch;
using KvAspire.Data.Entries;
using KvAspire.ServiceDefaults.Telemetry;

namespace KvAspire.Data.Writes;

/// <summary>Veils the keys of a batch, and then tells the cache, the watchers and the clients of the results.</summary>
internal sealed partial class WritePublisher(EntryCache cache, ChangeNews news, WriteMetrics metrics, ILogger<WritePublisher> logger)
{
    public ValueTask<Veil> VeilAsync(WriteBatch batch) => cache.VeilAsync(batch.DistinctIds);

    public ValueTask RenewAsync(Veil veil) => cache.RenewAsync(veil);

    /// <summary>Publishes all results of a batch at once. The lane does not wait for it.</summary>
    public async Task PublishAsync(WriteRequest[] requests, WriteResult[] results, bool isStored, Veil veil)
    {
        try
        {
            var images = new Dictionary<EntryId, EntryImage>(veil.Ids.Length);
            var i = 0;
            foreach (var request in requests)
            {
                var own = results.AsSpan(i, request.Writes.Count);
                foreach (var write in request.Writes)
                    Add(images, write, results[i++], isStored);
                if (isStored)
                    Announce(request, own);
            }

            await cache.LiftAsync(veil, Array.ConvertAll(veil.Ids, id => images[id]));
            Complete(requests, results);
        }
        catch (Exception exception)
        {
            Fail(requests, exception);
        }
    }

    /// <summary>Lifts the veil of a batch of which nothing was stored.</summary>
    public async Task WithdrawAsync(Veil veil) =>
        await LogFailureAsync(cache.LiftAsync(veil, Array.ConvertAll(veil.Ids, _ => EntryImage.Marker(0))).AsTask());

    /// <summary>Leaves the veil of a batch that may have been stored, or may yet be.</summary>
    public Task AbandonAsync(Veil veil) => LogFailureAsync(cache.AbandonAsync(veil));

    // A revision that was met but not changed counts as well, because the client learns of it and may read next. If a batch
    // changes a key several times, the last change counts.
    private static void Add(Dictionary<EntryId, EntryImage> images, Write write, WriteResult result, bool isStored)
    {
        var image = result.Outcome switch
        {
            _ when !isStored => EntryImage.Marker(result.Revision),
            WriteOutcome.Created or WriteOutcome.Updated when write.Kind is not WriteKind.Add => EntryImage.Live(write.Id.Key, result.Revision, write.Content),
            WriteOutcome.Deleted => EntryImage.Tombstone(result.Revision),
            _ => EntryImage.Marker(result.Revision),
        };
        if (!images.TryGetValue(write.Id, out var other) || image.Header.AsSpan().SequenceCompareTo(other.Header) > 0)
            images[write.Id] = image;
    }

    private async Task LogFailureAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception exception)
        {
            LogNotLifted(logger, exception.GetType().Name);
        }
    }

    private void Announce(WriteRequest request, ReadOnlySpan<WriteResult> results)
    {
        var last = 0L;
        foreach (var result in results)
            last = result.Succeeded ? Math.Max(last, result.Revision) : last;
        if (last > 0)
            news.Committed(request.Writes[0].Id.Owner, last);
    }

    // In reverse order: a caller that awaits several requests awaits the first one first, and then finds the others complete.
    private static void Complete(WriteRequest[] requests, WriteResult[] results)
    {
        var end = results.Length;
        for (var i = requests.Length - 1; i >= 0; i--)
        {
            var start = end - requests[i].Writes.Count;
            requests[i].Complete(results[start..end]);
            end = start;
        }
    }

    // The changes are committed, but a stale image might be served. The client has to check.
    private void Fail(WriteRequest[] requests, Exception exception)
    {
        metrics.LoseOutcome(requests.Sum(request => request.Writes.Count));
        foreach (var request in requests)
            request.Fail(new OutcomeUnknownException(exception));
    }

    [LoggerMessage(EventIds.VeilNotLifted, LogLevel.Warning, "The veil of a write that stored nothing could not be lifted ({Reason}).", EventName = nameof(EventIds.VeilNotLifted))]
    private static partial void LogNotLifted(ILogger logger, string reason);
}
