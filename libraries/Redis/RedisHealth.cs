using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KvAspire.Redis;

/// <summary>A lost Redis is only degraded, which still counts as ready: the service works without it.</summary>
internal sealed class RedisHealth(RedisGuard redis) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(redis is { IsConnected: true, IsClosed: true } ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("Redis does not answer."));
}
