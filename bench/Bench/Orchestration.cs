namespace KvAspire.Bench;

/// <summary>
/// <c>./kv bench orchestrator</c>: the cost of the orchestrator. Cached reads and writes through the services that the AppHost
/// started and through the same programs with the same settings but without it, in turns, on the same servers.
/// </summary>
internal static class Orchestration
{
    private const double Bar = 0.95;

    /// <returns>The exit code: 0 where rates are at least 95% of those without the orchestrator.</returns>
    public static async Task<int> RunAsync(Settings settings, string scripts)
    {
        await using var system = await SystemUnderLoad.StartAsync();
        await system.FillAsync();
        await using var bare = await BareServices.StartAsync(system);
        Console.WriteLine($"{settings.Rounds} rounds of {settings.Seconds} s a row, {settings.Connections} connections");

        var rows = new[] { ("GET, orchestrated", "get.lua", system.Gateway), ("GET, bare", "get.lua", bare.Gateway), ("PUT, orchestrated", "put.lua", system.Gateway), ("PUT, bare", "put.lua", bare.Gateway) };
        var loads = rows.ToDictionary(row => row.Item1, _ => new List<Load>());
        for (var round = 0; round <= settings.Rounds; round++)
        {
            // The order alternates. The first round warms up and does not count.
            foreach (var (name, script, gateway) in round % 2 == 0 ? rows : [rows[1], rows[0], rows[3], rows[2]])
            {
                await system.WarmAsync();
                var load = await Load.WrkAsync(gateway, Path.Combine(scripts, script), settings.Connections, settings.Seconds,
                    system.EntriesScript);
                if (round > 0)
                    loads[name].Add(load);
            }
        }

        Console.WriteLine($"\n{"",-20}{"per second",12}{"p50 ms",9}{"p99 ms",9}{"CPU µs",9}{"failed",8}");
        var medians = loads.ToDictionary(row => row.Key, row => Load.Median(row.Value));
        foreach (var (name, load) in medians)
            Console.WriteLine($"{name,-20}{load.PerSecond,12:N0}{load.P50,9:F1}{load.P99,9:F1}{load.CpuMicroseconds,9:F0}{load.Failed,8}");

        var (reads, writes) = (Ratio("GET"), Ratio("PUT"));
        Console.WriteLine($"\norchestrated over bare: GET {reads:F2}, PUT {writes:F2} (at least {Bar:F2})");
        return reads >= Bar && writes >= Bar && medians.Values.All(load => load.Failed == 0) ? 0 : 1;

        double Ratio(string what) => medians[$"{what}, orchestrated"].PerSecond / medians[$"{what}, bare"].PerSecond;
    }
}
