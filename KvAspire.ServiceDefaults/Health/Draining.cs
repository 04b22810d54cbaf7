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
/// A service that is told to stop says so before it does: <c>/health</c> is 503, every answer is the last of its connection,
/// and for <see cref="DrainOptions.Delay"/> it still takes requests. Then it listens no more, and finishes what it has begun.
/// </summary>
internal sealed class Draining(IHostApplicationLifetime lifetime, IOptions<DrainOptions> options, TimeProvider time, LastCall lastCall)
    : IHostedLifecycleService, IHealthCheck
{
    private bool IsStopping => lifetime.ApplicationStopping.IsCancellationRequested;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(IsStopping ? HealthCheckResult.Unhealthy("It is about to stop.") : HealthCheckResult.Healthy());

    /// <summary>Makes this answer the last of its connection, where the service is about to stop.</summary>
    public void CloseAfterwards(HttpContext context)
    {
        // Connection: close (RFC 9112, section 9.6), or GOAWAY (RFC 9113, section 6.8).
        if (IsStopping)
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(options.Value.Delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await lastCall.SoundAsync();
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Registers it.</summary>
internal static class DrainingRegistration
{
    // What is left to requests that are under way.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan UsualDelay = TimeSpan.FromSeconds(5);

    public static void AddDraining(this WebApplicationBuilder builder)
    {
        // Nobody balances between the processes of a developer, who does not like to wait.
        var delay = builder.Environment.IsDevelopment() ? TimeSpan.Zero : UsualDelay;
        builder.Services.AddOptions<DrainOptions>().Configure(options => options.Delay = delay)
            .BindConfiguration(DrainOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<HostOptions>()
            .Configure<IOptions<DrainOptions>>((host, drain) => host.ShutdownTimeout = drain.Value.Delay + Grace);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<LastCall>().AddSingleton<Draining>().AddHostedService(services => services.GetRequiredService<Draining>());
        builder.Services.AddHealthChecks().AddCheck<Draining>("draining");
    }

    public static void UseDraining(this WebApplication app)
    {
        var draining = app.Services.GetRequiredService<Draining>();
        app.Use((context, next) =>
        {
            draining.CloseAfterwards(context);
            return next(context);
        });
    }
}
