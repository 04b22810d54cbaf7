using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KvAspire.TokenChecking;

/// <summary>Whether keys are known to check access tokens with; fetches them where not.</summary>
internal sealed class TokenKeysHealth(ITokenKeySource keys) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            // The fetch itself is for all who wait, and has a time limit of its own.
            _ = keys.Known ?? await keys.GetAsync(cancellationToken).AsTask().WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (TokenKeysUnavailableException)
        {
            return new(context.Registration.FailureStatus, "No signing keys are known: access tokens cannot be checked.");
        }
    }
}

/// <summary>A stale list of revocations degrades the service: a token that was revoked meanwhile still passes.</summary>
internal sealed class RevocationsHealth(RevocationList revocations) : IHealthCheck
{
    // Ten polls.
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(10);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(revocations.Age < Stale
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("The revocations are stale: a token that was revoked meanwhile still passes."));
}

/// <summary>Adds the health checks of what checks tokens.</summary>
public static class TokenHealthSetup
{
    /// <summary>Adds the check <c>revocations</c>.</summary>
    public static IServiceCollection AddRevocationsHealth(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<RevocationsHealth>("revocations");
        return services;
    }

    internal static void AddTokenKeysHealth(this IServiceCollection services, HealthStatus withoutKeys) =>
        services.AddHealthChecks().AddCheck<TokenKeysHealth>("signing_keys", withoutKeys);
}
