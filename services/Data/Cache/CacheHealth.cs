using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KvAspire.Data.Cache;

/// <summary>The service does all its work without the cache: that is degraded at worst, which still counts as ready.</summary>
internal sealed class CacheHealth(CacheGuard redis) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(redis.IsClosed ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("Redis does not answer."));
}
