using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KvAspire.Hosting.Programs;

/// <summary>
/// A check that retries for 10 seconds before it reports a failure. The orchestrator repeats a failed check after 1, 2, 3, …
/// seconds, which would delay the start of the whole system.
/// </summary>
internal sealed class PatientHealthCheck(Func<CancellationToken, Task<HealthCheckResult>> attempt, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), Pause = TimeSpan.FromMilliseconds(50);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        for (var began = time.GetTimestamp(); ;)
        {
            var result = await AttemptAsync(cancellationToken);
            if (result.Status is not HealthStatus.Unhealthy || time.GetElapsedTime(began) > Patience)
                return result;

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<HealthCheckResult> AttemptAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await attempt(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy(exception.Message, exception);
        }
    }
}

/// <summary>Adds patient health checks.</summary>
public static class PatientHealthCheckExtensions
{
    /// <summary>Adds a health check to a resource. <paramref name="attempt"/> throws while the resource is not healthy.</summary>
    public static IResourceBuilder<TResource> WithPatientHealthCheck<TResource>(
        this IResourceBuilder<TResource> resource, string name, Func<CancellationToken, Task> attempt)
        where TResource : IResource => resource.WithPatientHealthCheck(name, async cancellationToken =>
        {
            await attempt(cancellationToken);
            return HealthCheckResult.Healthy();
        });

    /// <summary>
    /// Adds a health check to a resource. <paramref name="attempt"/> returns the result, or throws while the resource is not healthy.
    /// </summary>
    public static IResourceBuilder<TResource> WithPatientHealthCheck<TResource>(
        this IResourceBuilder<TResource> resource, string name, Func<CancellationToken, Task<HealthCheckResult>> attempt)
        where TResource : IResource
    {
        resource.ApplicationBuilder.Services.AddHealthChecks().Add(new(
            name, services => new PatientHealthCheck(attempt, services.GetRequiredService<TimeProvider>()), failureStatus: null, tags: null));
        return resource.WithHealthCheck(name);
    }
}
