using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KvAspire.ServiceDefaults.Health;

/// <summary>The answer of <c>/health</c>.</summary>
/// <param name="Status">Degraded still means ready.</param>
/// <param name="Json">The body.</param>
internal sealed record HealthAnswer(HealthStatus Status, ReadOnlyMemory<byte> Json)
{
    private const string Failed = "The check failed.", TookTooLong = "The check took too long.";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerOptions.Default)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    public static HealthAnswer Of(HealthReport report) => new(report.Status, JsonSerializer.SerializeToUtf8Bytes(
        new Body(
            NameOf(report.Status), Milliseconds(report.TotalDuration),
            report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).ToDictionary(
                entry => entry.Key,
                entry => new Check(NameOf(entry.Value.Status), Milliseconds(entry.Value.Duration), DescriptionOf(entry.Value)))),
        Format));

    public static string NameOf(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };

    /// <summary>
    /// The check's own sentence. Where a check threw, its description is the exception's message, which may contain an address.
    /// </summary>
    public static string? DescriptionOf(HealthReportEntry entry) => entry.Exception switch
    {
        null => entry.Description,
        OperationCanceledException or TimeoutException => TookTooLong,
        _ => Failed,
    };

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);

    private sealed record Body(string Status, double TotalDurationMs, IReadOnlyDictionary<string, Check> Checks);

    private sealed record Check(string Status, double DurationMs, string? Description);
}
