using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KvAspire.ServiceDefaults.Health;

/// <summary>
/// Drains the service after SIGTERM. For <see cref="DrainOptions.Delay"/> <c>/health</c> is 503, each response closes its
/// connection, and new requests are still accepted. Then the service stops listening and finishes the requests under way.
/// </summary>
internal sealed class Draining(IHostApplicationLifetime lifetime, IOptions<DrainOptions> options, TimeProvider time, LastCall lastCall)
    : IHostedLifecycleService, IHealthCheck
{
    private bool IsStopping => lifetime.ApplicationStopping.IsCancellationRequested;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(IsStopping ? HealthCheckResult.Unhealthy("The service is draining.") : HealthCheckResult.Healthy());

    public void CloseConnectionAfter(HttpContext context)
    {
        // Connection: close (RFC 9112, section 9.6), or GOAWAY (RFC 9113, section 6.8).
        if (IsStopping)
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(options.Value.Delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await lastCall.SoundAsync();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

internal static class DrainingSetup
{
    // For requests under way.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UsualDelay = TimeSpan.FromSeconds(5);

    public static void AddDraining(this WebApplicationBuilder builder)
    {
        // There is no load balancer in development.
        var delay = builder.Environment.IsDevelopment() ? TimeSpan.Zero : UsualDelay;
        builder.Services.AddOptions<DrainOptions>().Configure(options => options.Delay = delay)
            .BindConfiguration(DrainOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<HostOptions>()
            .Configure<IOptions<DrainOptions>>((host, drain) => host.ShutdownTimeout = drain.Value.Delay + Grace);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<LastCall>().AddSingleton<Draining>().AddHostedService(services => services.GetRequiredService<Draining>());
        builder.Services.AddHealthChecks().AddCheck<Draining>("draining", tags: [HealthChanges.Expected]);
    }

    public static void UseDraining(this WebApplication app)
    {
        var draining = app.Services.GetRequiredService<Draining>();
        app.Use((context, next) =>
        {
            draining.CloseConnectionAfter(context);
            return next(context);
        });
    }
}
