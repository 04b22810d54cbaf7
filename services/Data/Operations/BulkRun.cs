using KvAspire.Data.Entries;
using KvAspire.Data.Idempotency;
using KvAspire.Data.Owners;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Errors;
using Npgsql;

namespace KvAspire.Data.Operations;

/// <summary>
/// Runs operations in their order: consecutive changes in one transaction, and consecutive reads concurrently. With an
/// <c>Idempotency-Key</c> each such part is idempotent, so that a repeat continues where a failed attempt ended.
/// </summary>
internal sealed class BulkRun(EntryStore store, AnswerLimit limit, string owner, Actor actor, IdempotencyKey? idempotency)
{
    // The limit for values in one transaction.
    private const long MaxPartBytes = 4 * 1024 * 1024;
    private const int MaxConcurrentReads = 32;

    private int parts;
    private bool isStored;

    public async Task<OperationOutcome[]> RunAsync(IReadOnlyList<Operation> operations, CancellationToken cancellationToken)
    {
        var outcomes = new OperationOutcome[operations.Count];
        for (var i = 0; i < operations.Count;)
        {
            var end = End(operations, i);
            if (operations[i].Error is { } error)
                outcomes[i] = OperationOutcome.Of(operations[i].Key, error);
            else if (operations[i].Write is null)
                await ReadAsync(operations, i, end, outcomes, cancellationToken);
            else
                await WriteAsync(operations, i, end, outcomes);
            i = end;
        }

        return outcomes;
    }

    // Returns the end of the part that starts here.
    private static int End(IReadOnlyList<Operation> operations, int start)
    {
        var (end, bytes) = (start + 1, (long)(operations[start].Write?.Content.Length ?? 0));
        if (operations[start].Error is not null)
            return end;

        for (; end < operations.Count; end++)
        {
            var next = operations[end];
            bytes += next.Write?.Content.Length ?? 0;
            if (next.Error is not null || next.Write is null != operations[start].Write is null || bytes > MaxPartBytes)
                break;
        }

        return end;
    }

    private async Task WriteAsync(IReadOnlyList<Operation> operations, int start, int end, OperationOutcome[] outcomes)
    {
        var part = idempotency is null ? null : idempotency with { Part = parts };
        parts++;

        Write[] writes = [.. operations.Skip(start).Take(end - start).Select(operation => operation.Write!)];
        var results = await StoreAsync(new(writes, actor, isAtomic: false, part));
        for (var i = start; i < end; i++)
            outcomes[i] = OperationOutcome.Of(operations[i].Key!, results[i - start]);
    }

    // Once a part is stored, no error may say that nothing was stored.
    private async Task<WriteResult[]> StoreAsync(WriteRequest part)
    {
        try
        {
            var results = await store.WriteAsync(part);
            isStored = isStored || Array.Exists(results, result => result.Succeeded);
            return results;
        }
        catch (Exception exception) when (isStored
            && exception is WritesOverloadedException or TimeoutException or NpgsqlException and not PostgresException { SqlState: ErasedOwner.Refused })
        {
            throw new OutcomeUnknownException(exception);
        }
    }

    private async Task ReadAsync(
        IReadOnlyList<Operation> operations, int start, int end, OperationOutcome[] outcomes, CancellationToken cancellationToken)
    {
        string[] keys = [.. operations.Skip(start).Take(end - start).Select(operation => operation.Key!)];
        var plan = await limit.PlanAsync(keys, cancellationToken);
        for (var i = 0; i < keys.Length; i += MaxConcurrentReads)
        {
            var (from, count) = (i, Math.Min(MaxConcurrentReads, keys.Length - i));
            var found = await Task.WhenAll(
                Enumerable.Range(from, count).Select(at => ReadAsync(keys[at], plan[at], cancellationToken)));
            found.CopyTo(outcomes, start + from);
        }
    }

    private async Task<OperationOutcome> ReadAsync(string key, PlannedRead plan, CancellationToken cancellationToken)
    {
        if (!plan.Fits)
            return OperationOutcome.Of(key, ErrorCatalogue.ResponseTooLarge);

        var read = plan.Cached ?? await store.ReadAsync(new(owner, key), isPastCache: false, cancellationToken);
        if (!read.IsLive)
            return OperationOutcome.Of(key, ErrorCatalogue.KeyNotFound);

        return limit.TryTake(read.Entry.Body.Length)
            ? new(key, StatusCodes.Status200OK, read.Entry.Revision, read.Entry.Content())
            : OperationOutcome.Of(key, ErrorCatalogue.ResponseTooLarge);
    }
}
