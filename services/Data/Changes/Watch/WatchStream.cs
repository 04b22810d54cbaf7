using System.Data.Common;
using KvAspire.Data.Changes.Log;
using KvAspire.Data.Listing;
using KvAspire.ServiceDefaults.Telemetry;

namespace KvAspire.Data.Changes.Watch;

/// <summary>
/// Sends an owner's changes for as long as the client listens and may watch, which it checks every second. The stream holds a
/// position in the change log, not a queue: a slow client is only further behind.
/// </summary>
internal sealed class WatchStream(
    HttpResponse response, WatchedOwner owner, KeyRange keys, Func<bool> isAllowed, ChangeLog log, WatchOptions options, WatchMetrics metrics,
    TimeProvider time)
{
    // Enough for one write to the connection.
    private const int Chunk = 32 * 1024;

    // How long a client waits before it reconnects, in milliseconds. The time is random, so that not all clients reconnect at
    // once.
    private const int MinRetry = 200, MaxRetry = 1_200;

    // How soon the stream of a revoked token ends, and how soon Postgres is read again after a failure.
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    // How long a running write may go on when the stream has to end.
    private static readonly TimeSpan LastWrite = TimeSpan.FromSeconds(2);

    private readonly EventWriter events = new();
    private long sentAt;
    private bool isLive; // has once sent all changes that there were

    /// <summary>
    /// Runs until <paramref name="ended"/> is cancelled, or until the changes after the position are compacted.
    /// </summary>
    /// <exception cref="OperationCanceledException">The client disconnected, or accepted no data.</exception>
    public async Task RunAsync(long position, CancellationToken ended)
    {
        // Spans of every read of the log, for as long as the stream lives, would be noise.
        using var untraced = BackgroundRound.Begin("kvaspire.watch");

        // 1. Send the start position, so that a client that is cut off before the first change resumes here.
        events.Retry(Random.Shared.Next(MinRetry, MaxRetry));
        events.Position(position);
        await SendAsync(ended);

        while (!ended.IsCancellationRequested && isAllowed())
        {
            // 2. Send changes. Take the task before reading: a commit after the read completes it.
            var changed = owner.Changed;
            if (await TryReadAsync(position, ended) is not { } batch)
            {
                await WaitAsync(Task.Delay(Tick, time, ended), position, ended);
                continue;
            }

            if (batch.Compacted > position)
                return; // the next changes are gone: a client that resumes gets 410

            var readAt = time.GetTimestamp();
            await SendAsync(batch, ended);
            Measure(batch, readAt);
            position = batch.Next;

            // 3. Wait for the next change.
            while (!batch.IsFull && !changed.IsCompleted && !ended.IsCancellationRequested && isAllowed())
                await WaitAsync(changed, position, ended);
        }
    }

    // Null while Postgres is away. The stream goes on when it is back.
    private async Task<ChangePage?> TryReadAsync(long position, CancellationToken ended)
    {
        try
        {
            return await log.ReadAsync(owner.Name, position, keys, ended);
        }
        catch (Exception exception) when (exception is DbException || ended.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task SendAsync(ChangePage batch, CancellationToken ended)
    {
        foreach (var change in batch.Changes)
        {
            events.Change(change);
            if (events.Written.Length >= Chunk)
                await SendAsync(ended);
        }

        await SendAsync(ended);
    }

    // What happened before the client caught up says nothing about the service.
    private void Measure(ChangePage batch, long readAt)
    {
        if (isLive)
        {
            var since = time.GetElapsedTime(readAt);
            foreach (var change in batch.Changes)
                metrics.Sent(change.Age + since);
        }

        isLive |= !batch.IsFull;
    }

    private async Task WaitAsync(Task changed, long position, CancellationToken ended)
    {
        await changed.WaitAsync(Tick, time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ended.IsCancellationRequested || time.GetElapsedTime(sentAt) < options.Heartbeat)
            return;

        events.Position(position); // a heartbeat that contains the position
        await SendAsync(ended);
    }

    private async Task SendAsync(CancellationToken ended)
    {
        if (events.Written.IsEmpty)
            return;

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(response.HttpContext.RequestAborted);
        patience.CancelAfter(options.Stall);
        await using var hurry = ended.Register(static source => ((CancellationTokenSource)source!).CancelAfter(LastWrite), patience);
        await response.Body.WriteAsync(events.Written, patience.Token);
        events.Clear();
        sentAt = time.GetTimestamp();
    }
}
