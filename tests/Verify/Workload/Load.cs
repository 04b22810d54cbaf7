using KvAspire.Verify.Histories;

namespace KvAspire.Verify.Workload;

/// <summary>Many clients on few keys. Each client sends one request at a time.</summary>
/// <param name="stores">The store of each client.</param>
/// <param name="keys">The keys, without values at first.</param>
/// <param name="seed">The seed of all choices.</param>
internal sealed class Load(IReadOnlyList<IStore> stores, string[] keys, int seed)
{
    // A pause after a request without a response, while the system is down.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly long began = TimeProvider.System.GetTimestamp();
    private long lastValue;
    private long done;

    /// <summary>Whether the store supports swaps.</summary>
    public bool Swaps { get; init; } = true;

    /// <summary>Whether the store only supports reads and unconditional writes.</summary>
    public bool Registers { get; init; }

    /// <summary>The number of recorded operations.</summary>
    public long Done => Interlocked.Read(ref done);

    /// <summary>Runs until the operations are recorded or the run is cancelled.</summary>
    /// <returns>The history.</returns>
    public async Task<List<Operation>> RunAsync(long limit, CancellationToken stop)
    {
        var histories = await Task.WhenAll(stores.Select((store, client) => Task.Run(() => RunAsync(store, client, limit, stop))));
        return [.. histories.SelectMany(history => history)];
    }

    /// <summary>Reads every key once.</summary>
    public async Task<List<Operation>> ReadAllAsync(bool fresh, CancellationToken cancellationToken)
    {
        var history = new List<Operation>();
        foreach (var key in keys)
        {
            for (var attempt = 0; attempt < 50; attempt++)
            {
                var operation = await AskAsync(stores[0], client: 0, new(OperationKind.Read, key, Fresh: fresh), expected: 0, cancellationToken);
                if (operation.Outcome is Outcome.Unknown or Outcome.Unavailable)
                {
                    await Task.Delay(10 * Pause, cancellationToken);
                    continue;
                }

                history.Add(operation);
                break;
            }
        }

        return history;
    }

    private async Task<List<Operation>> RunAsync(IStore store, int client, long limit, CancellationToken stop)
    {
        var random = new Random(HashCode.Combine(seed, client));
        var history = new List<Operation>();
        var seen = new Dictionary<string, (long Value, long Revision)>();

        while (!stop.IsCancellationRequested && Interlocked.Read(ref done) < limit)
        {
            var key = keys[random.Next(keys.Length)];
            var known = seen.GetValueOrDefault(key);
            var operation = await AskAsync(store, client, Choose(random, key, known.Revision), known.Value, CancellationToken.None);

            // A failed read is no evidence; everything else is. Refused operations do not count as done.
            if (operation.Kind is not OperationKind.Read || operation.Outcome is not (Outcome.Unknown or Outcome.Unavailable))
            {
                history.Add(operation);
                Interlocked.Add(ref done, operation.Outcome is Outcome.Unavailable ? 0 : 1);
            }

            if (operation.Outcome is Outcome.Done && operation.Revision > 0 && operation.Kind is not OperationKind.Delete)
                seen[key] = (operation.Value, operation.Revision);
            else if (operation.Outcome is Outcome.Unknown or Outcome.Unavailable)
                await Task.Delay(Pause, CancellationToken.None);
        }

        return history;
    }

    private Request Choose(Random random, string key, long revision) => random.Next(100) switch
    {
        >= 58 when Registers => new(OperationKind.Upsert, key, NewValue()),
        < 55 => new(OperationKind.Read, key),
        < 58 => new(OperationKind.Read, key, Fresh: true),
        < 66 => new(OperationKind.Create, key, NewValue()),
        < 80 => new(OperationKind.Put, key, NewValue()),
        < 85 => new(OperationKind.Upsert, key, NewValue()),
        < 92 => new(OperationKind.Delete, key),
        _ when revision > 0 && Swaps => new(OperationKind.Swap, key, NewValue(), revision),
        _ => new(OperationKind.Put, key, NewValue()),
    };

    private long NewValue() => Interlocked.Increment(ref lastValue);

    private async Task<Operation> AskAsync(IStore store, int client, Request request, long expected, CancellationToken cancellationToken)
    {
        var start = Now();
        var answer = await store.AskAsync(request, cancellationToken);
        var value = request.Kind is OperationKind.Read ? answer.Value : request.Value;
        return new(client, request.Key, request.Kind, value, expected, answer.Outcome, start, Now(), answer.Revision, answer.FromCache);
    }

    private long Now() => (long)TimeProvider.System.GetElapsedTime(began).TotalMicroseconds;
}
