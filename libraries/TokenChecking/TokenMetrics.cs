using System.Diagnostics.Metrics;
using System.Text.Json;
using KvAspire.ServiceDefaults.Telemetry.Metrics;
using Microsoft.Extensions.Hosting;

namespace KvAspire.TokenChecking;

/// <summary>Counts refused access tokens.</summary>
internal sealed class TokenMetrics : IZeroedCounters
{
    private static readonly KeyValuePair<string, object?>[] Reasons =
        [.. Enum.GetNames<TokenRefusal>().Select(name => KeyValuePair.Create<string, object?>("reason", JsonNamingPolicy.SnakeCaseLower.ConvertName(name)))];

    private readonly Counter<long> refused;

    public TokenMetrics(IMeterFactory meters, IHostEnvironment environment) =>
        refused = meters.Create(environment.ApplicationName).CreateCounter<long>(
            "kvaspire.access_tokens.refused", "{token}",
            "Access tokens that were refused, by reason: malformed, unknown_key, signature, claims, expired, revoked.");

    /// <inheritdoc/>
    public void Zero() => Array.ForEach(Reasons, reason => refused.Add(0, reason));

    /// <summary>The reason's name in metrics and traces.</summary>
    public static string NameOf(TokenRefusal reason) => (string)Reasons[(int)reason].Value!;

    /// <summary>Counts a refused token.</summary>
    public void Refuse(TokenRefusal reason) => refused.Add(1, Reasons[(int)reason]);
}

/// <summary>Observes the feed of revocations.</summary>
internal sealed class FeedMetrics
{
    public FeedMetrics(IMeterFactory meters, IHostEnvironment environment, RevocationList revocations) =>
        meters.Create(environment.ApplicationName).CreateObservableGauge(
            "kvaspire.revocations.age", () => revocations.Age.TotalSeconds, "s",
            "Since revocations were last fetched from the identity service: how long a revoked token may be valid here.");
}
