using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using KvAspire.ServiceDefaults.Errors;
using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Overload;

/// <summary>The gates of all services, and what they tell: how many are through, wait, and were refused.</summary>
internal sealed class BackendGates : IDisposable
{
    private readonly ConcurrentDictionary<string, BackendGate> gates = [];
    private readonly OverloadOptions options;
    private readonly TimeProvider time;
    private readonly Counter<long> refused;
    private readonly RefusalPace pace;

    public BackendGates(IOptions<OverloadOptions> options, TimeProvider time, IMeterFactory meters, IHostEnvironment environment)
    {
        (this.options, this.time, pace) = (options.Value, time, new(options.Value, time));
        var meter = meters.Create(environment.ApplicationName);
        refused = meter.CreateCounter<long>("kvaspire.gateway.refused", "{request}", "Requests refused since their service has enough to do.");
        meter.CreateObservableGauge("kvaspire.gateway.running", () => Observe(gate => gate.Running), "{request}", "Requests that a service works on.");
        meter.CreateObservableGauge("kvaspire.gateway.waiting", () => Observe(gate => gate.Waiting), "{request}", "Requests that wait for their turn.");
    }

    /// <summary>The gate of a service.</summary>
    public BackendGate Of(string service) => gates.GetOrAdd(service, static (_, all) => new(all.options, all.time), this);

    /// <summary>Counts a refusal, and waits for its turn.</summary>
    /// <returns>The answer.</returns>
    public async ValueTask<ErrorResult> RefuseAsync(string service, HttpContext request)
    {
        refused.Add(1, KeyValuePair.Create<string, object?>("service", service));
        await pace.WaitAsync(request);
        return ErrorCatalogue.Unavailable.AsResult();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        pace.Dispose();
        foreach (var gate in gates.Values)
            gate.Dispose();
    }

    private IEnumerable<Measurement<int>> Observe(Func<BackendGate, int> number) =>
        gates.Select(gate => new Measurement<int>(number(gate.Value), KeyValuePair.Create<string, object?>("service", gate.Key)));
}
