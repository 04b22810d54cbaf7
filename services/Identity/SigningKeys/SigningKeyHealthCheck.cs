using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KvAspire.Identity.SigningKeys;

/// <summary>Healthy when there is a key to sign with.</summary>
internal sealed class SigningKeyHealthCheck(SigningKeyRing ring) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(ring.IsReady ? HealthCheckResult.Healthy() : new(context.Registration.FailureStatus, "No signing key is in force."));
}
