using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KvAspire.ServiceDefaults.Redis;

/// <summary>The service does all its work without the cache: that is degraded at worst, which still counts as ready.</summary>
internal sealed class RedisHealth(RedisGuard redis) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(redis.IsClosed ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("Redis does not answer."));
}
