using System.Diagnostics;
using KvAspire.Data.Entries;
using KvAspire.Data.Idempotency;
using Microsoft.Extensions.Options;
using Npgsql;

namespace KvAspire.Data.Writes;

/// <summary>
/// Runs one batch at a time, and in it everything that came while the last one ran. So a writer that finds the lane idle
/// does not wait, and the more there are, the more share a commit.
/// </summary>
internal sealed partial class WriteLane(WriteTable table, WritePublisher publisher, IOptions<WriteOptions> options, WriteMetrics metrics, ILogger<WriteLane> logger)
{
    private const int MaxAttempts = 5;

    // By the name of the application, which telemetry listens to.
    private static readonly ActivitySource Source = new(typeof(WriteLane).Assembly.GetName().Name!);

    private readonly Lock gate = new();
    private readonly Queue<WriteRequest> waiting = new();
    private int operations;
    private long bytes;
    private bool isRunning;

    /// <summary>Takes requests. Where too many wait already they fail, with <see cref="WritesOverloadedException"/>.</summary>
    public void Enqueue(params IEnumerable<WriteRequest> requests)
    {
        lock (gate)
        {
            foreach (var request in requests)
            {
                if (waiting.Count > 0 && (operations + request.Writes.Count > options.Value.MaxWaiting || bytes + request.Bytes > options.Value.MaxWaitingBytes))
                {
                    request.Fail(new WritesOverloadedException());
                    continue;
                }

                waiting.Enqueue(request);
                operations += request.Writes.Count;
                bytes += request.Bytes;
            }

            if (isRunning || waiting.Count == 0)
                return;

            isRunning = true;
        }

        _ = RunAsync();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        Activity.Current = null; // that of the request which woke the lane
        while (Take() is { Length: > 0 } batch)
            await WriteAsync(batch);
    }

    // What comes first, and whatever can share a statement with it.
    private WriteRequest[] Take()
    {
        lock (gate)
        {
            var batch = new List<WriteRequest>();
            var (count, size) = (0, 0L);
            while (waiting.TryPeek(out var next))
            {
                var fits = batch.Count == 0
                    || (next.IsPlain && batch[0].IsPlain
                        && count + next.Writes.Count <= options.Value.MaxBatch && size + next.Bytes <= options.Value.MaxBatchBytes);
                if (!fits)
                    break;

                batch.Add(waiting.Dequeue());
                count += next.Writes.Count;
                size += next.Bytes;
            }

            operations -= count;
            bytes -= size;
            isRunning = batch.Count > 0;
            return [.. batch];
        }
    }

    private async Task WriteAsync(WriteRequest[] requests)
    {
        try
        {
            await ApplyAsync(requests);
        }
        catch (PostgresException exception) when (requests.Length > 1 && !exception.SqlState.StartsWith("57P", StringComparison.Ordinal))
        {
            // One of them cannot be stored, for a reason that was not foreseen: the others can.
            LogDivided(logger, exception.SqlState, requests.Length);
            await WriteAsync(requests[..(requests.Length / 2)]);
            await WriteAsync(requests[(requests.Length / 2)..]);
        }
        catch (Exception exception)
        {
            foreach (var request in requests)
                request.Fail(exception);
        }
    }

    private async Task ApplyAsync(WriteRequest[] requests)
    {
        // In the trace of the first request; those of the others are linked to it.
        using var activity = Source.StartActivity(
            "write", ActivityKind.Internal, requests[0].Trace, links: requests.Skip(1).Select(request => new ActivityLink(request.Trace)));
        var batch = WriteBatch.Of(requests);
        metrics.Batch(batch.Keys.Length);

        // Without Postgres nothing is hidden, and so nothing lost that the cache could serve.
        await using var connection = await table.OpenAsync();
        var veil = await publisher.HideAsync(batch);
        var (state, results) = await StoreAsync(connection, requests[0], batch, veil);
        if (state is OnceState.InProgress or OnceState.Reused)
        {
            _ = publisher.WithdrawAsync(veil);
            if (state is OnceState.InProgress && requests[0].TryWait())
                _ = EnqueueLaterAsync(requests[0]);
            else
                requests[0].Fail(new OnceRefusedException(state));
            return;
        }

        var isUndone = requests[0].IsAtomic && Array.Exists(results, result => !result.Succeeded);
        _ = publisher.PublishAsync(requests, results, isStored: state is OnceState.Done && !isUndone, veil);
    }

    private async Task EnqueueLaterAsync(WriteRequest request)
    {
        await Task.Delay(WriteRequest.Pause);
        Enqueue(request);
    }

    private async Task<(OnceState State, WriteResult[] Results)> StoreAsync(
        NpgsqlConnection connection, WriteRequest first, WriteBatch batch, Veil veil)
    {
        try
        {
            return first.IsPlain
                ? (OnceState.Done, await RetryAsync(() => table.WriteAsync(connection, batch), veil))
                : await RetryAsync(() => table.WriteAsync(connection, batch, first.IsAtomic, first.Once), veil);
        }
        catch (NpgsqlException)
        {
            _ = publisher.WithdrawAsync(veil);
            throw;
        }
        catch
        {
            _ = publisher.AbandonAsync(veil);
            throw;
        }
    }

    // Writers of other replicas can be in each other's way, though all take their locks in one order: an erasure, say.
    private async Task<T> RetryAsync<T>(Func<Task<T>> write, Veil veil)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await write();
            }
            catch (PostgresException exception) when (attempt < MaxAttempts
                && exception.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure)
            {
                await Task.Delay(Random.Shared.Next(5, 20 * attempt));
                await publisher.HideAgainAsync(veil);
            }
        }
    }

    [LoggerMessage(50, LogLevel.Error, "A batch of {Count} writes was refused ({SqlState}) and is tried in parts.")]
    private static partial void LogDivided(ILogger logger, string sqlState, int count);
}
