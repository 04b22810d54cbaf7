using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace KvAspire.ServiceDefaults.Health;

/// <summary><c>/alive</c>: the process runs. <c>/health</c>: the service can do its work. In every environment.</summary>
internal static class HealthEndpoints
{
    private const string Live = "live";

    // Shorter than the patience of every prober: the gateway's is 3 seconds.
    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(2);

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [Live]);
        services.PostConfigure<HealthCheckServiceOptions>(options =>
        {
            foreach (var check in options.Registrations)
                check.Timeout = LongestCheck;
        });

        // Logs every run of a check that is not healthy. HealthChanges logs each change once.
        services.AddLogging(logging => logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));
        return services.AddSingleton<HealthChanges>().AddSingleton<HealthReports>();
    }

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/health", Methods, static (HttpContext context, HealthReports reports) => AnswerAsync(context, reports))
            .AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();
        routes.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Live) }).AllowAnonymous().DisableRateLimiting();
    }

    /// <summary>Whether a check is for <c>/health</c>.</summary>
    public static bool IsOfReadiness(HealthCheckRegistration check) => !check.Tags.Contains(Live);

    private static async Task AnswerAsync(HttpContext context, HealthReports reports)
    {
        var answer = await reports.ReadAsync();
        var response = context.Response;
        response.StatusCode = answer.Status is HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        response.Headers.CacheControl = "no-store";
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = answer.Json.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.Body.WriteAsync(answer.Json, context.RequestAborted);
    }
}
