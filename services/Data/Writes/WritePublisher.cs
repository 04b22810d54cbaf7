using KvAspire.Data.Entries;
using KvAspire.Data.Watch;

namespace KvAspire.Data.Writes;

/// <summary>Tells the cache and the watchers of what was committed, and then the clients.</summary>
internal sealed class WritePublisher(EntryCache cache, ChangeNews news)
{
    /// <summary>Hides what a transaction is about to change, so that no reader can see half of it.</summary>
    /// <returns>What <see cref="PublishAsync(WriteRequest, WriteResult[], string)"/> takes.</returns>
    public ValueTask<string> PrepareAsync(WriteRequest transaction) => cache.VeilAsync(Keys(transaction));

    /// <summary>Goes on by itself: the lane has the next batch to write.</summary>
    public async Task PublishAsync(WriteRequest[] requests, WriteResult[] results)
    {
        try
        {
            var changes = new List<(EntryId, EntryImage)>(results.Length);
            var i = 0;
            foreach (var request in requests)
            {
                foreach (var write in request.Writes)
                    Add(changes, write, results[i++]);
                Announce(request, results.AsSpan((i - request.Writes.Count)..i));
            }

            await cache.PublishAsync(changes);
            Complete(requests, results);
        }
        catch (Exception exception)
        {
            Fail(requests, exception);
        }
    }

    /// <summary>Lets everybody see a transaction.</summary>
    public async Task PublishAsync(WriteRequest transaction, WriteResult[] results, string veil)
    {
        try
        {
            var isDone = results.All(result => result.Succeeded);
            var changes = new List<(EntryId, EntryImage)>(results.Length);
            for (var i = 0; i < results.Length; i++)
                Add(changes, transaction.Writes[i], isDone ? results[i] : default);
            if (isDone)
                Announce(transaction, results);

            await cache.RevealAsync(changes, veil);
            transaction.Complete(results);
        }
        catch (Exception exception)
        {
            Fail([transaction], exception);
        }
    }

    private static List<EntryId> Keys(WriteRequest transaction) => [.. transaction.Writes.Select(write => write.Id)];

    // What was met and not changed counts as well: the client learns of it, and may read next.
    private static void Add(List<(EntryId, EntryImage)> changes, Write write, WriteResult result) => changes.Add((write.Id, result.Outcome switch
    {
        WriteOutcome.Created or WriteOutcome.Updated when write.Kind is not WriteKind.Add => EntryImage.Live(write.Id.Key, result.Revision, write.Content),
        WriteOutcome.Deleted => EntryImage.Tombstone(result.Revision),
        _ => EntryImage.Marker(result.Revision),
    }));

    private void Announce(WriteRequest request, ReadOnlySpan<WriteResult> results)
    {
        var last = 0L;
        foreach (var result in results)
            last = result.Succeeded ? Math.Max(last, result.Revision) : last;
        if (last > 0)
            news.Committed(request.Writes[0].Id.Owner, last);
    }

    private static void Complete(WriteRequest[] requests, WriteResult[] results)
    {
        var i = 0;
        foreach (var request in requests)
        {
            request.Complete(results[i..(i + request.Writes.Count)]);
            i += request.Writes.Count;
        }
    }

    // Committed, but somebody might be served what came before: better that the client asks.
    private static void Fail(WriteRequest[] requests, Exception exception)
    {
        foreach (var request in requests)
            request.Fail(new OutcomeUnknownException(exception));
    }
}
