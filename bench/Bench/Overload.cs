using System.Diagnostics;

namespace KvAspire.Bench;

/// <summary>
/// <c>./kv bench overload</c>: the goodput of cached reads at two and four times the capacity, and the time to recover. The load
/// generator has a processor of its own and the system has the others, so that the cost of refusals to the system is measured
/// without their cost to the clients.
/// </summary>
internal sealed class Overload(SystemUnderLoad system, Settings settings, int processor)
{
    // Shares of the capacity: the usual load, and the one right after an overload.
    private const double Usual = 0.80, Calm = 0.50;
    private const int CalmSeconds = 15;

    // While methods are being compiled the capacity is half or less, and on one processor that takes long. The warm-up ends after
    // several runs in a row that hardly beat the best one.
    private const int WarmUpSeconds = 15, MaxWarmUps = 16, FlatWarmUps = 3;
    private const double HardlyBetter = 1.03;

    // The gateway's limit of concurrent requests; fewer do not fill its batches and reach half of the capacity.
    private const int CapacityConnections = 256;

    // The bars: goodput over capacity, p99 and memory over those of the usual load, and the time to recover.
    private const double GoodputBar = 0.90, LatencyBar = 4, MemoryBar = 1.25;
    private static readonly TimeSpan RecoveryBar = TimeSpan.FromSeconds(5);

    private static readonly string[] Services = ["gateway", "identity", "data"];
    private static readonly string[] Programs = ["KvAspire.Gateway", "KvAspire.Identity", "KvAspire.Data"];

    /// <summary>Measures, in a process that leaves one processor to the load generator.</summary>
    /// <returns>The exit code: 0 where the system meets every bar.</returns>
    public static async Task<int> RunAsync(Settings settings, string[] arguments)
    {
        const string Last = "KVASPIRE_BENCH_LAST_PROCESSOR";
        if (Environment.GetEnvironmentVariable(Last) is { } last)
        {
            await using var system = await SystemUnderLoad.StartAsync();
            await system.FillAsync();
            return await new Overload(system, settings, int.Parse(last, System.Globalization.CultureInfo.InvariantCulture)).MeasureAsync() ? 0 : 1;
        }

        var processors = Environment.ProcessorCount;
        if (processors < 2)
        {
            Console.Error.WriteLine("This benchmark needs two processors: one for the load generator, the others for the system.");
            return 2;
        }

        Console.WriteLine($"The load generator on processor {processors - 1}, the system on the others: {processors - 1}");
        var start = new ProcessStartInfo("taskset", ["-c", $"0-{processors - 2}", "dotnet", typeof(Overload).Assembly.Location, "overload", .. arguments]);
        start.Environment[Last] = $"{processors - 1}";
        using var measuring = Process.Start(start)!;
        await measuring.WaitForExitAsync();
        return measuring.ExitCode;
    }

    private async Task<bool> MeasureAsync()
    {
        // 1. Warms up until everything is compiled.
        await system.WarmAsync();
        await WarmUpAsync();
        Console.WriteLine($"\n{"",-22}{"offered/s",11}{"sent/s",9}{"good/s",9}{"refused/s",11}{"failed",8}{"p50 ms",8}{"p99 ms",8}{"/health ms",11}{"MB",6}{"CPU: system",13}{"clients",9}{"others",8}");
        var (isMet, before) = (true, await CapacityAsync());
        foreach (var times in new[] { 2, 4 })
        {
            // 2. The usual load, the overload, and the recovery.
            var usual = await ShowAsync($"{Usual:P0}", Usual * before, settings.Seconds);
            var much = await ShowAsync($"{times} times", times * before, settings.Seconds);
            var calm = await ShowAsync($"{Calm:P0} right after", Calm * before, CalmSeconds);

            // 3. The capacity again, since it drifts on a shared machine: the mean of both counts.
            var after = await CapacityAsync();
            isMet &= Judge(times, much, (before + after) / 2, usual) & Recovered(times, calm.Load, Calm * before, usual.Load.P99);
            before = after;
        }

        return isMet;
    }

    private async Task<double> CapacityAsync() => (await ShowAsync("capacity", 0, Math.Max(1, settings.Seconds / 3), CapacityConnections)).Load.Goodput;

    private async Task WarmUpAsync()
    {
        var (best, flat) = (0.0, 0);
        for (var i = 0; i < MaxWarmUps && flat < FlatWarmUps; i++)
        {
            var goodput = (await OfferAsync(0, WarmUpSeconds, CapacityConnections)).Goodput;
            flat = goodput < HardlyBetter * best ? flat + 1 : 0;
            best = Math.Max(best, goodput);
        }
    }

    private async Task<Phase> ShowAsync(string name, double rate, int seconds, int? clients = null)
    {
        var (cpu, machine) = (CpuTime.Ours(), CpuTime.Machine());
        using var health = new HealthProbe(system, Services).Start();
        var load = await OfferAsync(rate, seconds, clients ?? settings.Connections);
        var slowest = (await health.StopAsync()).Max();
        var (memory, ours, all) = (CpuTime.Resident(Programs), CpuTime.Ours() - cpu, CpuTime.Machine() - machine);

        Console.WriteLine($"{name,-22}{load.Due / load.Seconds,11:N0}{(load.Due - load.Unsent) / load.Seconds,9:N0}{load.Goodput,9:N0}{load.Refused,11:N0}{load.Failed,8}"
            + $"{load.P50,8:F1}{load.P99,8:F1}{slowest.TotalMilliseconds,11:F0}{memory / 1e6,6:F0}{(ours - load.Processor) / load.Seconds,13:P0}{load.Processor / load.Seconds,9:P0}{Math.Max(0, all - ours) / load.Seconds,8:P0}");
        return new(load, slowest, memory);
    }

    private Task<Offered> OfferAsync(double rate, int seconds, int clients) =>
        OpenLoop.StartAsync(system.Gateway, clients, rate, seconds, system.Token, processor);

    private static bool Judge(int times, Phase much, double capacity, Phase usual)
    {
        var (share, latency, memory) = (much.Load.Goodput / capacity, much.Load.P99 / usual.Load.P99, (double)much.Memory / usual.Memory);
        Console.WriteLine($"  at {times} times the capacity: goodput {share:P0} of it (at least {GoodputBar:P0}), p99 {latency:F1} times that at {Usual:P0} (at most {LatencyBar:F0}), "
            + $"/health within {much.SlowestHealth.TotalMilliseconds:F0} ms ({HealthProbe.Bar.TotalMilliseconds:F0}), memory {memory:F2} times ({MemoryBar})");
        return share >= GoodputBar && latency <= LatencyBar && much.SlowestHealth <= HealthProbe.Bar && memory <= MemoryBar && much.Load.Failed == 0;
    }

    // The end of the last half second that was not as usual.
    private static bool Recovered(int times, Offered calm, double rate, double usualP99)
    {
        var last = calm.Parts.Take((int)(calm.Seconds / Tally.Part.TotalSeconds)).ToList()
            .FindLastIndex(part => part.Refused + part.Failed > 0 || part.P99 > LatencyBar * usualP99 || part.Admitted < GoodputBar * rate * Tally.Part.TotalSeconds);
        var recovery = Tally.Part * (last + 1);
        Console.WriteLine($"  after {times} times the capacity everything is as usual within {recovery.TotalSeconds:F1} s (at most {RecoveryBar.TotalSeconds:F0})");
        return recovery <= RecoveryBar;
    }

    private sealed record Phase(Offered Load, TimeSpan SlowestHealth, long Memory);
}
