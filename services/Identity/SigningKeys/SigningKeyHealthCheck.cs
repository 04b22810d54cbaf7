using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KvAspire.Identity.SigningKeys;

/// <summary>Healthy when a key can sign.</summary>
internal sealed class SigningKeyHealthCheck(SigningKeyRing ring) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(ring.IsReady
            ? HealthCheckResult.Healthy()
            : new(context.Registration.FailureStatus, "No signing key is in force."));
}
