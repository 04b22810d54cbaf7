using System.Diagnostics;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using KvAspire.Observability.Tests.Kit;
using KvAspire.Observability.Tests.Live;

namespace KvAspire.Observability.Tests;

/// <summary>A real Prometheus scrapes the real system: faults fire exactly the expected alerts, and panels have data.</summary>
public sealed partial class LiveTests(ObservedSystem system) : IClassFixture<ObservedSystem>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    // Without a fault there is nothing to explain.
    private static readonly string[] EmptyWithoutFaults = ["slo:explained"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_stopped_Redis_fires_the_lost_cache_and_nothing_else() => FiresAsync(
        ["KvAspireCacheLost"],
        () => system.ExecuteAsync("cache", KnownResourceCommands.StopCommand, Cancel),
        () => system.ExecuteAsync("cache", KnownResourceCommands.StartCommand, Cancel));

    [Fact]
    public Task A_stopped_Postgres_fires_the_lost_Postgres_and_nothing_else() => FiresAsync(
        ["KvAspirePostgresLost"],
        () => system.ExecuteAsync("postgres", KnownResourceCommands.StopCommand, Cancel),
        () => system.ExecuteAsync("postgres", KnownResourceCommands.StartCommand, Cancel));

    [Fact]
    public Task A_killed_service_fires_its_loss_and_nothing_else() => FiresAsync(
        ["KvAspireServiceDown"],
        () => system.KillAsync("identity", Cancel),
        () => system.ExecuteAsync("identity", KnownResourceCommands.StartCommand, Cancel));

    [Fact]
    public Task A_killed_replica_fires_its_loss_and_nothing_else() => FiresAsync(
        ["KvAspireReplicaDown"],
        () => system.KillAsync("data-2", Cancel),
        () => system.ExecuteAsync("data-2", KnownResourceCommands.StartCommand, Cancel));

    [Fact]
    public async Task A_wrong_clock_fires_the_skew_and_nothing_else()
    {
        // The fault is the clock alone: the start of a process takes CPU time from the users' requests.
        await system.StartWithWrongClockAsync(TimeSpan.FromSeconds(30), Cancel);
        await FiresAsync(["KvAspireClockSkew"], system.ScrapeWrongClockAsync, system.EndWrongClockAsync);
    }

    [Fact]
    public async Task A_flood_of_sign_ins_fires_the_flood_and_nothing_else()
    {
        using var enough = new CancellationTokenSource();
        var flood = Task.CompletedTask;
        await FiresAsync(
            ["KvAspireSignInFlood"],
            () =>
            {
                flood = system.Users.FloodAsync(enough.Token);
                return Task.CompletedTask;
            },
            async () =>
            {
                await enough.CancelAsync();
                await flood;
            });
    }

    [Fact]
    public async Task Every_panel_and_every_recording_rule_has_data_and_every_metric_of_a_rule_exists()
    {
        var panels =
            from dashboard in Dashboard.All
            from panel in dashboard.Panels
            from expression in panel.Expressions
            select ($"{dashboard.Uid}, {panel.Title}", Variables(expression));
        var records =
            from rule in RuleFile.All
            where rule.Record is not null && !EmptyWithoutFaults.Contains(rule.Record)
            select (rule.Record, $"{rule.Record}{{{string.Join(", ", rule.Labels.Select(label => $"{label.Key}=\"{label.Value}\""))}}}");

        var missing = new List<string>();
        foreach (var (name, expression) in panels.Concat(records))
        {
            var clock = Stopwatch.StartNew();
            while (!(await system.Prometheus.QueryAsync(expression, Cancel)).Any(series => !double.IsNaN(series.Value)))
            {
                if (clock.Elapsed > TimeSpan.FromSeconds(missing.Count > 0 ? 1 : 10))
                {
                    missing.Add($"{name}: {expression}");
                    break;
                }

                await Task.Delay(250, Cancel);
            }
        }

        foreach (var metric in RuleFile.All.Select(rule => rule.Expression).Concat(panels.Select(panel => panel.Item2)).SelectMany(KnownNames.In).Distinct())
        {
            if (!KnownNames.InCatalogue(metric) && (await system.Prometheus.QueryAsync(metric, Cancel)).Count == 0)
                missing.Add(metric);
        }

        Assert.Empty(missing);
        Assert.All(await system.Prometheus.RulesAsync(Cancel), rule => Assert.Equal("ok", rule["health"]!.GetValue<string>()));
    }

    // All alerts that fire from the fault to the end of its last alert are the expected ones.
    private async Task FiresAsync(string[] expected, Func<Task> fault, Func<Task> end)
    {
        await UntilAsync(firing => firing.Length == 0, "Alerts do not end.");
        var clock = Stopwatch.StartNew();
        await fault();
        try
        {
            await UntilAsync(firing => expected.All(firing.Contains), $"{string.Join(", ", expected)} does not fire.");
            var fired = clock.Elapsed;
            Assert.All(await system.Prometheus.AlertsAsync(Cancel), alert =>
                Assert.DoesNotContain("<error", alert["annotations"]!.ToJsonString(), StringComparison.Ordinal));
            TestContext.Current.TestOutputHelper?.WriteLine($"Fired after {fired.TotalSeconds:0.0} s");
        }
        finally
        {
            await end();
        }

        await QuietAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"Quiet after {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(expected, await system.Prometheus.FiringAsync(clock.Elapsed, Cancel));
    }

    // Nothing fires, for as long as a consequence may take to fire after its cause.
    private async Task QuietAsync()
    {
        var quiet = Stopwatch.StartNew();
        await UntilAsync(
            firing =>
            {
                if (firing.Length > 0)
                    quiet.Restart();
                return quiet.Elapsed > TimeSpan.FromSeconds(4);
            },
            "Alerts do not end.");
    }

    private async Task UntilAsync(Predicate<string[]> claim, string otherwise)
    {
        var clock = Stopwatch.StartNew();
        for (var firing = await system.Prometheus.FiringAsync(TimeSpan.Zero, Cancel); !claim(firing); firing = await system.Prometheus.FiringAsync(TimeSpan.Zero, Cancel))
        {
            Assert.True(clock.Elapsed < Patience, $"{otherwise} Firing: {string.Join(", ", firing)}");
            await Task.Delay(200, Cancel);
        }
    }

    private static string Variables(string expression) => Variable().Replace(
        expression.Replace("$__rate_interval", "1m", StringComparison.Ordinal), ".*");

    [GeneratedRegex(@"\$\w+")]
    private static partial Regex Variable();
}
