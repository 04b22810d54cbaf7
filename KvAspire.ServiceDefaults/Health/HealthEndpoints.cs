using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KvAspire.ServiceDefaults.Health;

/// <summary><c>/alive</c>: the process runs. <c>/health</c>: the service can do its work. In every environment.</summary>
internal static class HealthEndpoints
{
    private const string Live = "live";

    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [Live]);
        return services;
    }

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health").AllowAnonymous().DisableRateLimiting();
        routes.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Live) }).AllowAnonymous().DisableRateLimiting();
    }
}
