using System.Globalization;
using System.Reflection;
using KvAspire.Bench;

// ./kv bench: the speed of the system against limits and peers that are measured in the same run, since machines are noisy.
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

if (Settings.Read(args) is not { } settings)
{
    Console.Error.WriteLine("Usage: ./kv bench [get] [put] [token] [--rounds N] [--seconds N] [--connections N]");
    Console.Error.WriteLine("       ./kv bench sign-in");
    Console.Error.WriteLine("       ./kv bench flood [--connections N]");
    Console.Error.WriteLine("       ./kv bench list [--rounds N] [--seconds N]");
    Console.Error.WriteLine("       ./kv bench overload [--seconds N] [--connections N]");
    return 2;
}

Console.WriteLine($"{settings.Rounds} rounds of {settings.Seconds} s a row, {settings.Connections} connections, {SystemUnderLoad.Keys} keys of 100 bytes");
await using var system = await SystemUnderLoad.StartAsync();
Console.WriteLine($"started in {system.StartedIn.TotalSeconds:F1} s; storing the entries");
await system.FillAsync();
using var baselines = await Baselines.StartAsync(await system.ConnectionStringAsync("cache"), SystemUnderLoad.Keys);
var pgbench = await UpsertTable.CreateAsync(await system.ConnectionStringAsync("datadb"), SystemUnderLoad.Keys);

// 1. The rows, and what each is held against.
const string H1 = "bare YARP → Kestrel → Redis, HTTP/1.1", H2 = "the same over HTTP/2", Get = "GET, cached", Put = "PUT", Upsert = "pgbench upsert, prepared", Simple = "the same, not prepared", Hash = "the password's hash, all cores", Token = "POST /api/token";
var entries = Script("/api/data/k", system.Token);
var rows = new List<(string Name, string Group, Func<Task<Load>> Run)>
{
    (H1, "get", () => Wrk(baselines.OverHttp1, "get.lua", Script("/b", null))),
    (H2, "get", () => Wrk(baselines.OverHttp2, "get.lua", Script("/b", null))),
    (Get, "get", ReadAsync),
    (Upsert, "put", () => Pgbench("prepared")),
    (Simple, "put", () => Pgbench("simple")),
    (Put, "put", () => Wrk(system.Gateway, "put.lua", entries)),
    (Hash, "token", () => HashAlone.RunAsync(settings.Seconds)),
    (Token, "token", () => Wrk(system.Gateway, "token.lua", new Dictionary<string, string> { ["USERNAME"] = SystemUnderLoad.Username, ["PASSWORD"] = SystemUnderLoad.Password })),
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
Console.WriteLine($"\n{"",-40}{"per second",12}{"p50 ms",9}{"p99 ms",9}{"CPU µs",9}{"failed",8}");
foreach (var (name, load) in medians)
    Console.WriteLine($"{name,-40}{load.PerSecond,12:N0}{load.P50,9:F1}{load.P99,9:F1}{load.CpuMicroseconds,9:F0}{load.Failed,8}");

Console.WriteLine();
Ratio("GET's CPU over that of bare YARP over HTTP/1.1", Get, H1, load => load.CpuMicroseconds, "at most 0.80, goal 0.70");
Ratio("GET's CPU over that of bare YARP over HTTP/2", Get, H2, load => load.CpuMicroseconds, "goal 1.05");
Ratio("PUT's rate over pgbench's, prepared", Put, Upsert, load => load.PerSecond, "at least 1.00, goal 1.50");
Ratio("PUT's rate over pgbench's, not prepared", Put, Simple, load => load.PerSecond, "its default");
Ratio("POST /api/token's rate over the hash's own on all cores", Token, Hash, load => load.PerSecond, "about 0.50: half of the cores hash");
Console.WriteLine($"resident memory of gateway, identity and data: {CpuTime.Resident("KvAspire.Gateway", "KvAspire.Identity", "KvAspire.Data") / 1e6:F0} MB (goal: under 400)");
return medians.Values.Any(load => load.Failed > 0) ? 1 : 0;

async Task<Load> ReadAsync()
{
    await system.WarmAsync();
    return await Wrk(system.Gateway, "get.lua", entries);
}

Task<Load> Pgbench(string protocol) =>
    Load.PgbenchAsync(UpsertTable.Pgbench(), Path.Combine(scripts, "upsert.sql"), protocol, settings.Connections, settings.Seconds, pgbench);

Task<Load> Wrk(Uri address, string script, IReadOnlyDictionary<string, string> environment) =>
    Load.WrkAsync(address, Path.Combine(scripts, script), settings.Connections, settings.Seconds, environment);

static Dictionary<string, string> Script(string prefix, string? token)
{
    var script = new Dictionary<string, string> { ["KEYS"] = $"{SystemUnderLoad.Keys}", ["PATH_PREFIX"] = prefix };
    if (token is not null)
        script["TOKEN"] = token;
    return script;
}

void Ratio(string name, string ours, string theirs, Func<Load, double> figure, string bar)
{
    if (medians.TryGetValue(ours, out var mine) && medians.TryGetValue(theirs, out var other))
        Console.WriteLine($"{name}: {figure(mine) / figure(other):F2} ({bar})");
}
