using KvAspire.Data.Entries;
using KvAspire.Data.Watch;

namespace KvAspire.Data.Writes;

/// <summary>Hides what is about to be changed; then tells the cache and the watchers of it, and then the clients.</summary>
internal sealed partial class WritePublisher(EntryCache cache, ChangeNews news, ILogger<WritePublisher> logger)
{
    /// <summary>Hides what a batch is about to change: whoever reads it, reads Postgres.</summary>
    public ValueTask<Veil> HideAsync(WriteBatch batch) => cache.VeilAsync(batch.DistinctIds);

    /// <summary>Hides it for as long again, where the batch has to be tried again.</summary>
    public ValueTask HideAgainAsync(Veil veil) => cache.RenewAsync(veil);

    /// <summary>Lets everybody see a batch, all of it at once. Goes on by itself: the lane has the next one to write.</summary>
    /// <param name="requests">The requests of the batch.</param>
    /// <param name="results">How their operations came out.</param>
    /// <param name="isStored">Whether what succeeded was stored now.</param>
    /// <param name="veil">What hides it.</param>
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

    /// <summary>Ends the hiding of a batch of which nothing was stored.</summary>
    public async Task WithdrawAsync(Veil veil) =>
        await WatchedAsync(cache.LiftAsync(veil, Array.ConvertAll(veil.Ids, _ => EntryImage.Marker(0))).AsTask());

    /// <summary>Leaves hidden what may have been stored, or may be yet.</summary>
    public Task AbandonAsync(Veil veil) => WatchedAsync(cache.AbandonAsync(veil));

    // What was met and not changed counts as well: the client learns of it, and may read next. Of what a batch does to a key
    // one after the other the last one counts.
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

    // Nobody waits for it.
    private async Task WatchedAsync(Task task)
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

    // From the last to the first: who waits for several that came together waits for the first of them first, and finds the
    // others answered then.
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

    // Committed, but somebody might be served what came before: better that the client asks.
    private static void Fail(WriteRequest[] requests, Exception exception)
    {
        foreach (var request in requests)
            request.Fail(new OutcomeUnknownException(exception));
    }

    [LoggerMessage(52, LogLevel.Warning, "That nothing was stored could be told to nobody ({Reason}).")]
    private static partial void LogNotLifted(ILogger logger, string reason);
}
