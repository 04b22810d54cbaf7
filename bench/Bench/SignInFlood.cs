namespace KvAspire.Bench;

/// <summary>
/// <c>./kv bench flood</c>: the effect of a flood of sign-ins on other clients. Cached reads before, during and after the flood,
/// with health probes of every service.
/// </summary>
internal sealed class SignInFlood(SystemUnderLoad system, string scripts, Settings settings)
{
    private const int Seconds = 30, CalmSeconds = 15, LeadIn = 2;
    private const double Bar = 0.60;

    private static readonly string[] Services = ["gateway", "identity", "data"];

    /// <returns>The exit code: 0 where reads keep 60% of their rate and every health probe takes at most a second.</returns>
    public static async Task<int> RunAsync(Settings settings, string scripts)
    {
        Console.WriteLine($"{settings.Connections} connections signing in for {Seconds} s, and as many reading {SystemUnderLoad.Keys} keys of 100 bytes");
        await using var system = await SystemUnderLoad.StartAsync();
        await system.FillAsync();
        return await new SignInFlood(system, scripts, settings).MeasureAsync() ? 0 : 1;
    }

    private async Task<bool> MeasureAsync()
    {
        await ReadAsync(5); // warms up
        var before = await ReadAsync(CalmSeconds);

        using var health = new HealthProbe(system, Services).Start();
        var flood = Load.WrkAsync(
            system.Gateway, Path.Combine(scripts, "token.lua"), settings.Connections, Seconds, SystemUnderLoad.SignInScript);
        await Task.Delay(TimeSpan.FromSeconds(LeadIn), CancellationToken.None);
        var during = await ReadAsync(Seconds - (2 * LeadIn));
        var signIns = await flood;
        var slowest = await health.StopAsync();

        var after = await ReadAsync(CalmSeconds);
        var share = during.PerSecond / ((before.PerSecond + after.PerSecond) / 2);

        Console.WriteLine($"\n{"",-28}{"per second",12}{"p50 ms",9}{"p99 ms",9}{"failed",8}");
        foreach (var (name, load) in new[] { ("GET before", before), ("GET during the flood", during), ("GET after", after), ("the flood's sign-ins", signIns) })
            Console.WriteLine($"{name,-28}{load.PerSecond,12:N1}{load.P50,9:F1}{load.P99,9:F1}{load.Failed,8}");

        Console.WriteLine($"\nGET keeps {share:P0} of its rate (at least {Bar:P0})");
        foreach (var (service, longest) in Services.Zip(slowest))
            Console.WriteLine($"/health of {service} answered after {longest.TotalMilliseconds:F0} ms at most (at most {HealthProbe.Bar.TotalMilliseconds:F0})");
        return share >= Bar && before.Failed + during.Failed + after.Failed == 0 && slowest.All(longest => longest <= HealthProbe.Bar);
    }

    private Task<Load> ReadAsync(int seconds) =>
        Load.WrkAsync(system.Gateway, Path.Combine(scripts, "get.lua"), settings.Connections, seconds, system.EntriesScript);
}
