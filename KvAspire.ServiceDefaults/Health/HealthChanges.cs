using System.Collections.Concurrent;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace KvAspire.ServiceDefaults.Health;

/// <summary>Logs each change of a check's status once. Checks with the tag <see cref="Expected"/> are left out.</summary>
public sealed partial class HealthChanges(ILogger<HealthChanges> logger)
{
    /// <summary>The tag of checks that fail as a matter of course: at the start, and while the service drains.</summary>
    public const string Expected = "expected";

    private readonly ConcurrentDictionary<string, HealthStatus> known = [];

    internal void Observe(HealthReport report)
    {
        foreach (var (name, entry) in report.Entries)
        {
            var before = known.GetValueOrDefault(name, HealthStatus.Healthy);
            known[name] = entry.Status;
            if (entry.Status == before || entry.Tags.Contains(Expected))
                continue;

            if (entry.Status is HealthStatus.Healthy)
                LogHealthy(logger, name);
            else
                LogChanged(logger, name, HealthAnswer.NameOf(entry.Status), SentenceOf(entry));
        }
    }

    private static string? SentenceOf(HealthReportEntry entry) => entry.Exception is { } exception
        ? $"{HealthAnswer.DescriptionOf(entry)} ({exception.GetType().Name})"
        : entry.Description;

    [LoggerMessage(EventIds.HealthCheckFailed, LogLevel.Warning, "The health check {Check} is {Status}: {Description}", EventName = nameof(EventIds.HealthCheckFailed))]
    private static partial void LogChanged(ILogger logger, string check, string status, string? description);

    [LoggerMessage(EventIds.HealthCheckHealthy, LogLevel.Information, "The health check {Check} is healthy again.", EventName = nameof(EventIds.HealthCheckHealthy))]
    private static partial void LogHealthy(ILogger logger, string check);
}
