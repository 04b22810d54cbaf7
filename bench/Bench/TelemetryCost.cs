using System.Diagnostics;

namespace KvAspire.Bench;

/// <summary>
/// <c>./kv bench telemetry</c>: the cost of telemetry. Cached reads through four sets of the same services, in turns: with
/// OpenTelemetry switched off, with everything exported, and with an OTLP endpoint that is dead or never answers.
/// </summary>
internal static class TelemetryCost
{
    // Rates over that with telemetry off, and resident memory of each service above it.
    private const double ExportedBar = 0.93, BrokenBar = 0.95;
    private const double MemoryBar = 30e6;

    // Seconds of load on each set before the first round that counts.
    private const int WarmUp = 12;

    // Entries stay in the cache for a minute.
    private static readonly TimeSpan WarmFor = TimeSpan.FromSeconds(40);

    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT", Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL", Disabled = "OTEL_SDK_DISABLED";
    private const string Off = "off", Exported = "exported", Dead = "dead endpoint", Slow = "silent endpoint";

    /// <returns>The exit code: 0 where rates and memory meet the bars.</returns>
    public static async Task<int> RunAsync(Settings settings, string scripts)
    {
        await using var system = await SystemUnderLoad.StartAsync();
        await system.FillAsync();
        await using var sink = await OtlpSink.StartAsync(answers: true);
        await using var silent = await OtlpSink.StartAsync(answers: false);
        await using var off = await BareServices.StartAsync(system, new() { [Disabled] = "true", [Endpoint] = "" });
        await using var exported = await StartAsync(sink.Address);
        await using var dead = await StartAsync(OtlpSink.Nobody);
        await using var slow = await StartAsync(silent.Address);
        (string Name, BareServices Services)[] sets = [(Off, off), (Exported, exported), (Dead, dead), (Slow, slow)];
        var clock = Stopwatch.StartNew();
        Console.WriteLine($"{settings.Rounds} rounds of {settings.Seconds} s a row, {settings.Connections} connections");

        // 1. Rounds, short and many: the machine's speed drifts within seconds. The order turns, so that no set always follows the
        // same one. The first rounds warm up and do not count.
        var loads = sets.ToDictionary(set => set.Name, _ => new List<Load>());
        var memories = sets.ToDictionary(set => set.Name, _ => new List<IReadOnlyDictionary<string, long>>());
        var warmed = -WarmFor;
        for (var round = -(WarmUp / settings.Seconds); round < settings.Rounds; round++)
        {
            for (var turn = 0; turn < sets.Length; turn++)
            {
                if (clock.Elapsed - warmed >= WarmFor)
                {
                    await system.WarmAsync();
                    warmed = clock.Elapsed;
                }

                var (name, services) = sets[(round + WarmUp + turn) % sets.Length];
                var load = await Load.WrkAsync(services.Gateway, Path.Combine(scripts, "get.lua"), settings.Connections, settings.Seconds, system.EntriesScript);
                if (round >= 0)
                {
                    loads[name].Add(load);
                    memories[name].Add(services.Resident());
                }
            }
        }

        // 2. Figures, and their bars. The rate is compared round by round, since the machine's speed drifts. Memory is a median too:
        // it swings with each garbage collection.
        var memory = memories.ToDictionary(
            set => set.Key, set => set.Value[0].Keys.ToDictionary(service => service, service => Figures.Median(set.Value.Select(own => (double)own[service]))));
        Console.WriteLine($"\n{"GET, telemetry",-18}{"per second",12}{"p50 ms",9}{"p99 ms",9}{"CPU µs",9}{"failed",8}{"gateway MB",12}{"identity MB",13}{"data MB",9}");
        foreach (var (name, rounds) in loads)
        {
            var (load, resident) = (Load.Median(rounds), memory[name]);
            Console.WriteLine($"{name,-18}{load.PerSecond,12:N0}{load.P50,9:F1}{load.P99,9:F1}{load.CpuMicroseconds,9:F0}{load.Failed,8}{resident["gateway"] / 1e6,12:F0}{resident["identity"] / 1e6,13:F0}{resident["data"] / 1e6,9:F0}");
        }

        Console.WriteLine($"\n{sink.Messages} messages exported");
        var isMet = sink.Messages > 0 && loads.Values.SelectMany(rounds => rounds).All(load => load.Failed == 0);
        foreach (var (name, bar) in new[] { (Exported, ExportedBar), (Dead, BrokenBar), (Slow, BrokenBar) })
        {
            var share = Figures.Median(loads[name].Zip(loads[Off], (with, without) => with.PerSecond / without.PerSecond));
            Console.WriteLine($"{name}: rate {share:F2} of that without telemetry (at least {bar:F2})");
            isMet &= share >= bar;
        }

        foreach (var (name, service, growth) in from name in new[] { Dead, Slow } from own in memory[name] select (name, own.Key, own.Value - memory[Off][own.Key]))
        {
            Console.WriteLine($"{name}: {service} holds {growth / 1e6:F0} MB more than without telemetry (less than {MemoryBar / 1e6:F0})");
            isMet &= growth < MemoryBar;
        }

        return isMet ? 0 : 1;

        Task<BareServices> StartAsync(Uri endpoint) =>
            BareServices.StartAsync(system, new() { [Endpoint] = endpoint.ToString(), [Protocol] = "http/protobuf", [Disabled] = "false" });
    }
}
