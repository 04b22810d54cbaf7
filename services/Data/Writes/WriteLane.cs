using System.Diagnostics;
using KvAspire.Data.Cache;
using KvAspire.Data.Idempotency;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Options;
using Npgsql;

namespace KvAspire.Data.Writes;

/// <summary>
/// The only door for changes. All requests of an owner go to the same lane, so that they never wait for each other's commits in
/// Postgres.
/// </summary>
internal sealed class WriteLanes
{
    private readonly WriteLane[] lanes;

    public WriteLanes(IServiceProvider services, Microsoft.Extensions.Options.IOptions<WriteOptions> options) =>
        lanes = [.. Enumerable.Range(0, options.Value.Lanes).Select(_ => ActivatorUtilities.CreateInstance<WriteLane>(services))];

    /// <summary>Applies a request. Completes when it is committed and the cache knows.</summary>
    /// <exception cref="OutcomeUnknownException">Postgres was lost during the commit.</exception>
    /// <exception cref="WritesOverloadedException">Too many writes are waiting.</exception>
    /// <exception cref="Idempotency.IdempotencyRefusedException">The idempotency key is in use.</exception>
    public Task<WriteResult[]> WriteAsync(WriteRequest request)
    {
        // Not cancellable: it may already share a statement with others, and may be stored although the client disconnected.
        Enqueue([request]);
        return request.Results;
    }

    /// <summary>
    /// Takes requests that came together: those of one lane share a commit. Each has its own <see
    /// cref="WriteRequest.Results"/>.
    /// </summary>
    public void Enqueue(IEnumerable<WriteRequest> requests)
    {
        foreach (var together in requests.GroupBy(LaneOf))
            together.Key.Enqueue(together);
    }

    /// <summary>The operations that wait.</summary>
    public int Waiting => lanes.Sum(lane => lane.Waiting);

    private WriteLane LaneOf(WriteRequest request) => lanes[WriteBatch.StripeOf(request.Writes[0].Id.Owner) % lanes.Length];
}

/// <summary>
/// Runs one batch at a time. A batch takes all requests that came while the last one ran. So a request that finds the lane idle
/// does not wait, and under load more requests share a commit.
/// </summary>
internal sealed partial class WriteLane(
    WriteTable table, WritePublisher publisher, IOptions<WriteOptions> options, WriteMetrics metrics, TimeProvider time, ILogger<WriteLane> logger)
{
    private const int MaxAttempts = 5;

    // Telemetry listens to sources with the name of the application.
    private static readonly ActivitySource Source = new(typeof(WriteLane).Assembly.GetName().Name!);

    private readonly Lock gate = new();
    private readonly Queue<WriteRequest> waiting = new();
    private int operations;
    private long bytes;
    private bool isRunning;

    /// <summary>The operations that wait.</summary>
    public int Waiting => Volatile.Read(ref operations);

    /// <summary>Takes requests. If too many wait already, they fail with <see cref="WritesOverloadedException"/>.</summary>
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

                request.EnqueuedAt = time.GetTimestamp();
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
        Activity.Current = null; // drops the activity of the request that woke the lane
        while (Take() is { Length: > 0 } batch)
            await WriteAsync(batch);
    }

    // Takes the first request and all that can share a statement with it.
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
        catch (PostgresException exception) when (requests.Length > 1 && DatabaseFaults.Of(exception.SqlState) is null)
        {
            // One of them fails for an unforeseen reason. The others may succeed.
            LogDivided(logger, exception.SqlState, requests.Length);
            await WriteAsync(requests[..(requests.Length / 2)]);
            await WriteAsync(requests[(requests.Length / 2)..]);
        }
        catch (Exception exception)
        {
            if (exception is OutcomeUnknownException)
                metrics.LoseOutcome(requests.Sum(request => request.Writes.Count));
            foreach (var request in requests)
                request.Fail(exception);
        }
    }

    private async Task ApplyAsync(WriteRequest[] requests)
    {
        // The span is in the trace of the first request, and linked to the traces of the others.
        using var activity = Source.StartActivity(
            "kvaspire.write", ActivityKind.Internal, requests[0].Trace, links: requests.Skip(1).Select(request => new ActivityLink(request.Trace)));
        var batch = WriteBatch.Of(requests);
        activity?.SetTag("kvaspire.batch.size", batch.Keys.Length);
        foreach (var request in requests)
            RequestSpan.Took("kvaspire.write.wait", request.Trace, request.EnqueuedAt, time.GetTimestamp());
        metrics.Begin(batch.Keys.Length, requests);

        // Taken first: without Postgres nothing is veiled, and the cache loses nothing.
        await using var connection = await table.OpenAsync();
        var veil = await publisher.VeilAsync(batch);
        var (state, results) = await StoreAsync(connection, requests[0], batch, veil);
        if (state is IdempotencyState.Replayed && results.Length != batch.Keys.Length)
            state = IdempotencyState.Reused; // a record that cannot be of this request
        if (state is IdempotencyState.InProgress or IdempotencyState.Reused)
        {
            _ = publisher.WithdrawAsync(veil);
            if (state is IdempotencyState.InProgress && requests[0].TryWait())
                _ = EnqueueLaterAsync(requests[0]);
            else
                requests[0].Fail(new IdempotencyRefusedException(state));
            return;
        }

        var isUndone = requests[0].IsAtomic && Array.Exists(results, result => !result.Succeeded);
        _ = publisher.PublishAsync(requests, results, isStored: state is IdempotencyState.Done && !isUndone, veil);
    }

    private async Task EnqueueLaterAsync(WriteRequest request)
    {
        await Task.Delay(WriteRequest.Pause);
        Enqueue(request);
    }

    private async Task<(IdempotencyState State, WriteResult[] Results)> StoreAsync(
        NpgsqlConnection connection, WriteRequest first, WriteBatch batch, Veil veil)
    {
        try
        {
            return first.IsPlain
                ? (IdempotencyState.Done, await RetryAsync(() => table.WriteAsync(connection, batch), veil))
                : await RetryAsync(() => table.WriteAsync(connection, batch, first.IsAtomic, first.Idempotency), veil);
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

    // Writers of other replicas can conflict, for example with an erasure, although all take their locks in one order.
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
                RequestSpan.Happened("kvaspire.retry", "error.type", exception.SqlState);
                await Task.Delay(Random.Shared.Next(5, 20 * attempt));
                await publisher.RenewAsync(veil);
            }
        }
    }

    [LoggerMessage(EventIds.WriteBatchDivided, LogLevel.Error, "Postgres refused a batch of {Count} writes ({SqlState}); each half is tried alone.", EventName = nameof(EventIds.WriteBatchDivided))]
    private static partial void LogDivided(ILogger logger, string sqlState, int count);
}
