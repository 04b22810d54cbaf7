using System.Diagnostics.Metrics;
using KvAspire.Identity.Database;
using KvAspire.ServiceDefaults.Telemetry.Metrics;

namespace KvAspire.Identity.Erasure;

/// <summary>Counts the erasures that are not finished.</summary>
internal sealed class ErasureSurvey : Survey
{
    private readonly IServiceScopeFactory scopes;
    private readonly TimeProvider clock;
    private readonly ObservableGauge<int> pending;
    private int? count;
    private DateTimeOffset? oldest;

    public ErasureSurvey(IMeterFactory meters, IHostEnvironment environment, IServiceScopeFactory scopes, TimeProvider clock)
    {
        (this.scopes, this.clock) = (scopes, clock);
        var meter = meters.Create(environment.ApplicationName);
        pending = meter.CreateObservableGauge(
            "kvaspire.erasures.pending", () => Observe(count), "{erasure}", "Deleted users and clients that are not erased everywhere yet.");
        meter.CreateObservableGauge(
            "kvaspire.erasures.oldest", () => Observe(Age), "s", "How long ago the oldest of them was deleted; 0 if there is none.");
    }

    public override bool IsObserved => pending.Enabled;

    private double? Age => count is null ? null : oldest is { } at ? (clock.GetUtcNow() - at).TotalSeconds : 0;

    public override async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDb>();
        var found = await db.Erasures.GroupBy(_ => 1)
            .Select(all => new { Count = all.Count(), Oldest = all.Min(erasure => erasure.RequestedAt) }).SingleOrDefaultAsync(cancellationToken);
        (oldest, count) = (found?.Oldest, found?.Count ?? 0);
    }
}
