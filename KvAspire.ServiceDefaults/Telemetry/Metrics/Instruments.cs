using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KvAspire.ServiceDefaults.Telemetry.Metrics;

/// <summary>
/// Counters that report 0 before their first event. Otherwise Prometheus' <c>increase</c> misses the first event of each series, and
/// an alert on something rare never fires.
/// </summary>
public interface IZeroedCounters
{
    /// <summary>Adds 0 to every series.</summary>
    void Zero();
}

/// <summary>Registers classes whose constructor creates instruments.</summary>
public static class Instruments
{
    /// <summary>
    /// Adds the class, and creates it when the service starts, so that its gauges are observed before the first request asks for it.
    /// </summary>
    public static IServiceCollection AddInstruments<T>(this IServiceCollection services)
        where T : class =>
        services.AddSingleton<T>().AddHostedService<Start<T>>();

    private sealed class Start<T>(T instruments) : IHostedService
        where T : class
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            (instruments as IZeroedCounters)?.Zero();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
