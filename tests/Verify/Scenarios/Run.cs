using KvAspire.Verify.Histories;
using KvAspire.Verify.Linearizability;
using KvAspire.Verify.Systems;
using KvAspire.Verify.Workload;

namespace KvAspire.Verify.Scenarios;

/// <summary>Runs a scenario against a running system.</summary>
/// <param name="system">The system.</param>
/// <param name="seed">The seed of the clients and the faults.</param>
internal sealed class Run(LiveSystem system, int seed)
{
    private const int Clients = 16;
    private const int Keys = 8;

    // Beyond the documented bound, to report by how much it was missed.
    private static readonly TimeSpan LongestStaleness = TimeSpan.FromMinutes(2);

    /// <summary>The output for the progress.</summary>
    public TextWriter? Progress { get; init; }

    /// <summary>Runs until the operations are done or the time is over. Fewer than the least operations are a failure.</summary>
    public async Task<Report> RunAsync(Scenario scenario, long operations, TimeSpan longest, CancellationToken cancellationToken, long? least = null)
    {
        // 1. Clients of a new user, so that all keys are new.
        var (owner, token) = await system.RegisterAsync(cancellationToken);
        var stores = Enumerable.Range(0, Clients).Select(_ => new GatewayStore(system.Gateway, token)).ToArray();
        var load = new Load(stores, [.. Enumerable.Range(0, Keys).Select(key => $"hot-{key}")], seed) { Swaps = await SwapsAsync(stores[0]) };

        // 2. The clients and the faults, concurrently.
        var began = TimeProvider.System.GetTimestamp();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        enough.CancelAfter(longest);
        var disturbing = scenario.Disturb(system, new Random(seed), enough.Token);
        var telling = Progress is null ? Task.CompletedTask : TellAsync(scenario, operations, load, enough.Token);
        var history = await disturbing.EndsWithAsync(load.RunAsync(operations, enough.Token), enough);
        var took = TimeProvider.System.GetElapsedTime(began);
        await telling;
        var faults = await disturbing;

        // 3. The final state after the recovery, through the cache, past the cache and in Postgres.
        foreach (var resource in LiveSystem.Replicas.Append("gateway"))
            await system.HealthyAsync(resource, cancellationToken);
        history.AddRange(await load.ReadAllAsync(fresh: false, cancellationToken));
        history.AddRange(await load.ReadAllAsync(fresh: true, cancellationToken));
        foreach (var store in stores)
            store.Dispose();

        var stored = new StoredEntries(await system.DatabaseAsync(cancellationToken), owner);
        history.AddRange(await stored.ReadAllAsync(history, cancellationToken));

        // 4. The verdict.
        return Judge(scenario, history, least ?? operations, took, faults, await stored.MissingAsync(history, cancellationToken) ?? 0);
    }

    private async Task TellAsync(Scenario scenario, long operations, Load load, CancellationToken stop)
    {
        for (var seconds = 0; !stop.IsCancellationRequested; seconds += 10)
        {
            await Progress!.WriteLineAsync($"{scenario.Name}: {load.Done} of {operations} operations after {seconds} seconds");
            await Task.Delay(TimeSpan.FromSeconds(10), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Report Judge(Scenario scenario, List<Operation> history, long least, TimeSpan took, int faults, int missing)
    {
        var report = new Report
        {
            Scenario = scenario.Name,
            Seed = seed,
            Operations = history.Count(operation => operation.Outcome is not Outcome.Unavailable),
            Asked = least,
            TurnedAway = history.Count(operation => operation.Outcome is Outcome.Unavailable),
            Unknown = history.Count(operation => operation.Outcome is Outcome.Unknown),
            FromCache = history.Count(operation => operation.FromCache),
            Faults = faults,
            Took = took,
            Lost = missing,
        };

        foreach (var key in history.GroupBy(operation => operation.Key))
        {
            Operation[] all = [.. key], past = [.. all.Where(operation => !operation.FromCache)];

            // Only responses from Postgres: a violation among these means that an acknowledged write was lost.
            var store = Checker.Check(past);
            if (store.Finding is not Finding.Linearizable)
                report.LostOn(key.Key, store);

            var worst = Staleness.Worst(all, LongestStaleness);
            report.Worst = worst is null || report.Worst is null ? null : worst > report.Worst ? worst : report.Worst;
            if (worst is null || worst > scenario.Bound)
                report.Violated(key.Key, Checker.Check(all, scenario.Bound), all);
        }

        report.CountOperations();
        return report;
    }

    // Swaps make no sense with a service that ignores If-Match.
    private static async Task<bool> SwapsAsync(GatewayStore store)
    {
        await store.AskAsync(new(OperationKind.Create, "probe", Value: 1), CancellationToken.None);
        return (await store.AskAsync(new(OperationKind.Swap, "probe", Value: 2, Revision: long.MaxValue), CancellationToken.None)).Outcome is Outcome.Refused;
    }
}
