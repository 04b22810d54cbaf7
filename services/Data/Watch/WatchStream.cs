using System.Data.Common;
using KvAspire.Data.Listing;
using KvAspire.Data.Revisions;
using OpenTelemetry;

namespace KvAspire.Data.Watch;

/// <summary>
/// Sends an owner's changes as long as the client listens. It holds a position in the change log and never a queue: a slow
/// reader is only further behind.
/// </summary>
/// <param name="response">Where to write. The stream has it for itself.</param>
/// <param name="owner">Whose changes.</param>
/// <param name="keys">Of which keys.</param>
/// <param name="isAllowed">Whether the client may still watch; asked every second.</param>
/// <param name="log">Where changes are read.</param>
/// <param name="options">Heartbeat and patience.</param>
/// <param name="time">The clock.</param>
internal sealed class WatchStream(
    HttpResponse response, WatchedOwner owner, KeyRange keys, Func<bool> isAllowed, ChangeLog log, WatchOptions options, TimeProvider time)
{
    // Enough for one write to the connection.
    private const int Chunk = 32 * 1024;

    // What a client waits before it comes back, in milliseconds; spread, so that not all come at once.
    private const int MinRetry = 200, MaxRetry = 1_200;

    // How soon a token that was revoked ends the stream, and how soon Postgres is asked again after a failure.
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    // What is left to a write that is under way when the stream has to end.
    private static readonly TimeSpan LastWrite = TimeSpan.FromSeconds(2);

    private readonly EventWriter events = new();
    private long sentAt;

    /// <summary>Runs until <paramref name="ended"/> says so, or the log no longer reaches back far enough.</summary>
    /// <exception cref="OperationCanceledException">The client has gone, or takes nothing.</exception>
    public async Task RunAsync(long position, CancellationToken ended)
    {
        // A trace of every look at the log, as long as the stream lives, would tell nothing.
        using var untraced = SuppressInstrumentationScope.Begin();

        // 1. Where the stream begins, so that a client that is cut off before the first change resumes here.
        events.Retry(Random.Shared.Next(MinRetry, MaxRetry));
        events.Position(position);
        await SendAsync(ended);

        while (!ended.IsCancellationRequested && isAllowed())
        {
            // 2. Changes as they come. The sign is taken before reading: what is committed after the read completes it.
            var changed = owner.Changed;
            if (await TryReadAsync(position, ended) is not { } batch)
            {
                await WaitAsync(Task.Delay(Tick, time, ended), position, ended);
                continue;
            }

            if (batch.Compacted > position)
                return; // what comes next is gone: the client that resumes is told so

            await SendAsync(batch, ended);
            position = batch.Next;

            // 3. Nothing more for now.
            while (!batch.IsFull && !changed.IsCompleted && !ended.IsCancellationRequested && isAllowed())
                await WaitAsync(changed, position, ended);
        }
    }

    // Null while Postgres is away: the stream goes on when it is back.
    private async Task<ChangeBatch?> TryReadAsync(long position, CancellationToken ended)
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

    private async Task SendAsync(ChangeBatch batch, CancellationToken ended)
    {
        foreach (var change in batch.Changes)
        {
            events.Change(change);
            if (events.Written.Length >= Chunk)
                await SendAsync(ended);
        }

        await SendAsync(ended);
    }

    private async Task WaitAsync(Task changed, long position, CancellationToken ended)
    {
        await changed.WaitAsync(Tick, time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ended.IsCancellationRequested || time.GetElapsedTime(sentAt) < options.Heartbeat)
            return;

        events.Position(position); // a sign of life, with how far the client has come
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
