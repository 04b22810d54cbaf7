using System.Globalization;
using System.Reflection;
using KvAspire.Bench;

// ./kv bench: the speed of the system relative to limits and peers in the same run, since machines are noisy.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["sign-in"])
    return await SignInTiming.RunAsync();

var scripts = typeof(Settings).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "Scripts").Value!;
if (args is ["flood", .. var rest] && Settings.Read(rest) is { } flood)
    return await SignInFlood.RunAsync(flood, scripts);
if (args is ["list", .. var more] && Settings.Read(more) is { } list)
    return await ListPages.RunAsync(list);

// One address may have 1,000 connections.
if (args is ["overload", .. var phases] && Settings.Read(phases, seconds: 60, connections: 800) is { } overload)
    return await Overload.RunAsync(overload, phases);
if (args is [OpenLoop.Argument, .. var offer])
    return await OpenLoop.RunAsync(offer);

if (args is ["orchestrator", .. var alternating] && Settings.Read(alternating) is { } both)
    return await Orchestration.RunAsync(both, scripts);

if (args is ["telemetry", .. var sets] && Settings.Read(sets, seconds: 1, rounds: 40) is { } telemetry)
    return await TelemetryCost.RunAsync(telemetry, scripts);

if (Settings.Read(args) is not { } settings)
{
    Console.Error.WriteLine("Usage: ./kv bench [get] [put] [token] [--rounds N] [--seconds N] [--connections N]");
    Console.Error.WriteLine("       ./kv bench sign-in");
    Console.Error.WriteLine("       ./kv bench flood [--connections N]");
    Console.Error.WriteLine("       ./kv bench list [--rounds N] [--seconds N]");
    Console.Error.WriteLine("       ./kv bench overload [--seconds N] [--connections N]");
    Console.Error.WriteLine("       ./kv bench orchestrator [--rounds N] [--seconds N] [--connections N]");
    Console.Error.WriteLine("       ./kv bench telemetry [--rounds N] [--seconds N] [--connections N]");
    return 2;
}

Console.WriteLine($"{settings.Rounds} rounds of {settings.Seconds} s a row, {settings.Connections} connections, {SystemUnderLoad.Keys} keys of 100 bytes");
await using var system = await SystemUnderLoad.StartAsync(Baselines.AddTo);
Console.WriteLine($"started in {system.StartedIn.TotalSeconds:F1} s; storing the entries");
await system.FillAsync();
var overHttp1 = await Baselines.OpenAsync(system, Baselines.Http1, SystemUnderLoad.Keys);
var overHttp2 = await Baselines.OpenAsync(system, Baselines.Http2, SystemUnderLoad.Keys);
var pgbench = await UpsertTable.CreateAsync(await system.ConnectionStringAsync("datadb"), SystemUnderLoad.Keys);

// The rest is the kernel's work; an uncounted process would take more.
const double SeenBar = 0.90;

// 1. The rows, and their peers.
const string H1 = "bare YARP → Kestrel → Redis, HTTP/1.1", H2 = "the same over HTTP/2", Get = "GET, cached", Put = "PUT", Upsert = "pgbench upsert, prepared", Simple = "the same, not prepared", Hash = "the password's hash, all cores", Token = "POST /api/token";
var rows = new List<(string Name, string Group, Func<Task<Load>> Run)>
{
    (H1, "get", () => Wrk(overHttp1, "get.lua", SystemUnderLoad.Script("/b"))),
    (H2, "get", () => Wrk(overHttp2, "get.lua", SystemUnderLoad.Script("/b"))),
    (Get, "get", ReadAsync),
    (Upsert, "put", () => Pgbench("prepared")),
    (Simple, "put", () => Pgbench("simple")),
    (Put, "put", () => Wrk(system.Gateway, "put.lua", system.EntriesScript)),
    (Hash, "token", () => HashAlone.RunAsync(settings.Seconds)),
    (Token, "token", () => Wrk(system.Gateway, "token.lua", SystemUnderLoad.SignInScript)),
};
rows.RemoveAll(row => !settings.Rows.Contains(row.Group));

// 2. Rounds, interleaved; the first warms up and does not count.
var rounds = rows.ToDictionary(row => row.Name, _ => new List<Load>());
for (var round = 0; round <= settings.Rounds; round++)
{
    foreach (var row in rows)
    {
        var load = await row.Run();
        if (round > 0)
            rounds[row.Name].Add(load);
    }
}

// 3. Medians, and ratios.
var medians = rounds.ToDictionary(row => row.Key, row => Load.Median(row.Value));
Console.WriteLine($"\n{"",-40}{"per second",12}{"p50 ms",9}{"p99 ms",9}{"CPU µs",9}{"seen",7}{"failed",8}");
foreach (var (name, load) in medians)
    Console.WriteLine($"{name,-40}{load.PerSecond,12:N0}{load.P50,9:F1}{load.P99,9:F1}{load.CpuMicroseconds,9:F0}{load.Seen,7:P0}{load.Failed,8}");

Console.WriteLine();
Ratio("GET's CPU over that of bare YARP over HTTP/1.1", Get, H1, load => load.CpuMicroseconds, "at most 0.80, goal 0.70");
Ratio("GET's CPU over that of bare YARP over HTTP/2", Get, H2, load => load.CpuMicroseconds, "goal 1.05");
Ratio("PUT's rate over pgbench's, prepared", Put, Upsert, load => load.PerSecond, "at least 1.00, goal 1.50");
Ratio("PUT's rate over pgbench's, not prepared", Put, Simple, load => load.PerSecond, "its default");
Ratio("POST /api/token's rate over the hash's own on all cores", Token, Hash, load => load.PerSecond, "about 0.50: half of the cores hash");
Console.WriteLine($"CPU time of the machine outside the counted processes: {1 - medians.Values.Min(load => load.Seen):P0} (at most {1 - SeenBar:P0})");
Console.WriteLine($"resident memory of gateway, identity and data: {CpuTime.Resident("KvAspire.Gateway", "KvAspire.Identity", "KvAspire.Data") / 1e6:F0} MB (goal: under 400)");
return medians.Values.Any(load => load.Failed > 0 || load.Seen < SeenBar) ? 1 : 0;

async Task<Load> ReadAsync()
{
    await system.WarmAsync();
    return await Wrk(system.Gateway, "get.lua", system.EntriesScript);
}

Task<Load> Pgbench(string protocol) =>
    Load.PgbenchAsync(UpsertTable.Pgbench(), Path.Combine(scripts, "upsert.sql"), protocol, settings.Connections, settings.Seconds, pgbench);

Task<Load> Wrk(Uri address, string script, IReadOnlyDictionary<string, string> environment) =>
    Load.WrkAsync(address, Path.Combine(scripts, script), settings.Connections, settings.Seconds, environment);

void Ratio(string name, string ours, string theirs, Func<Load, double> figure, string bar)
{
    if (medians.TryGetValue(ours, out var mine) && medians.TryGetValue(theirs, out var other))
        Console.WriteLine($"{name}: {figure(mine) / figure(other):F2} ({bar})");
}
