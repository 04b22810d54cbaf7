using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace KvAspire.ServiceDefaults.Health;

/// <summary>
/// Runs the checks for all probes together: probes that come at once share a run, and its answer serves for a second. Anyone
/// may ask <c>/health</c>, so a flood of probes must cost neither queries nor checks.
/// </summary>
internal sealed class HealthReports(
    HealthCheckService checks, HealthChanges changes, IHostApplicationLifetime lifetime, TimeProvider time)
{
    // A caller that waits for the service to recover learns of it soon.
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1), FreshnessOfOthers = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private Run? latest;

    /// <summary>The answer of a run that is under way or fresh, or else of a new one.</summary>
    public Task<HealthAnswer> ReadAsync()
    {
        lock (gate)
        {
            var isStopping = lifetime.ApplicationStopping.IsCancellationRequested;
            if (latest is null || latest.IsStopping != isStopping || time.GetTimestamp() > Volatile.Read(ref latest.FreshUntil))
                latest = Begin(isStopping);
            return latest.Answer;
        }
    }

    // The run is part of no request: none cancels or traces it.
    private Run Begin(bool isStopping)
    {
        var run = new Run { IsStopping = isStopping };
        using (ExecutionContext.SuppressFlow())
            run.Answer = Task.Run(() => AnswerAsync(run));
        return run;
    }

    private async Task<HealthAnswer> AnswerAsync(Run run)
    {
        var freshness = TimeSpan.Zero;
        try
        {
            using var untraced = BackgroundRound.Begin("kvaspire.health", time);
            var report = await checks.CheckHealthAsync(HealthEndpoints.IsOfReadiness);
            changes.Observe(report);
            freshness = report.Status is HealthStatus.Healthy ? Freshness : FreshnessOfOthers;
            return HealthAnswer.Of(report);
        }
        finally
        {
            Volatile.Write(ref run.FreshUntil, time.GetTimestamp() + (long)(freshness.TotalSeconds * time.TimestampFrequency));
        }
    }

    private sealed class Run
    {
        public long FreshUntil = long.MaxValue; // while it is under way

        public required bool IsStopping { get; init; }

        public Task<HealthAnswer> Answer { get; set; } = null!;
    }
}
