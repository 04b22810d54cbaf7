using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using KvAspire.Gateway.Routes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Telemetry;
using KvAspire.ServiceDefaults.Telemetry.Metrics;
using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Admission.Gates;

/// <summary>
/// Sheds load: answers 503 with <c>Retry-After</c> to requests beyond a service's capacity, so that the service answers the
/// others at its usual rate. Signing out is exempt. So are streams: the data service limits their number.
/// </summary>
internal static class OverloadProtection
{
    public static WebApplicationBuilder AddOverload(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<OverloadOptions>()
            .BindConfiguration(OverloadOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<RefusalThrottle>().AddInstruments<BackendGates>();
        return builder;
    }

    public static void UseOverload(this WebApplication app)
    {
        var gates = app.Services.GetRequiredService<BackendGates>();
        app.Use((context, next) => PublicRoute.Of(context) is { IsStream: false, PassesOverload: false } route
            ? PassAsync(context, next, gates, route.Service)
            : next(context));
    }

    private static async Task PassAsync(HttpContext context, RequestDelegate next, BackendGates gates, string service)
    {
        var gate = gates.Of(service);
        var turn = gate.TryEnterAsync(Requester.Of(context), context);
        var waitsSince = turn.IsCompleted ? 0 : Stopwatch.GetTimestamp();
        var hasPlace = await turn;
        if (waitsSince > 0)
            RequestSpan.Waited("kvaspire.gate.wait", waitsSince);
        if (!hasPlace)
        {
            await (await gates.RefuseAsync(service, context)).ExecuteAsync(context);
            RequestSpan.Happened("kvaspire.shed", "kvaspire.service", service); // now that the request is kept
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            gate.Leave();
        }
    }
}

/// <summary>The gates of all services, and what they tell: how many are through, wait, and were refused.</summary>
internal sealed class BackendGates : IZeroedCounters, IDisposable
{
    private readonly ConcurrentDictionary<string, BackendGate> gates = [];
    private readonly OverloadOptions options;
    private readonly TimeProvider time;
    private readonly Counter<long> refused;
    private readonly RefusalThrottle throttle;

    public BackendGates(
        IOptions<OverloadOptions> options, RefusalThrottle throttle, TimeProvider time, IMeterFactory meters, IHostEnvironment environment)
    {
        (this.options, this.throttle, this.time) = (options.Value, throttle, time);
        var meter = meters.Create(environment.ApplicationName);
        refused = meter.CreateCounter<long>("kvaspire.gateway.refused", "{request}", "Requests refused since their service has enough to do.");
        meter.CreateObservableGauge("kvaspire.gateway.running", () => Observe(gate => gate.Running), "{request}", "Requests that a service works on.");
        meter.CreateObservableGauge("kvaspire.gateway.waiting", () => Observe(gate => gate.Waiting), "{request}", "Requests that wait for their turn.");
    }

    /// <inheritdoc/>
    public void Zero()
    {
        foreach (var service in PublicRoutes.All.Select(route => route.Service).Distinct())
        {
            _ = Of(service); // its gauges are observed from now on
            refused.Add(0, KeyValuePair.Create<string, object?>("service", service));
        }
    }

    /// <summary>The gate of a service.</summary>
    public BackendGate Of(string service) => gates.GetOrAdd(service, static (_, all) => new(all.options, all.time), this);

    /// <summary>Counts a refusal, and waits for its turn.</summary>
    /// <returns>The answer.</returns>
    public async ValueTask<ErrorResult> RefuseAsync(string service, HttpContext request)
    {
        refused.Add(1, KeyValuePair.Create<string, object?>("service", service));
        await throttle.WaitAsync(request);
        return ErrorCatalogue.Unavailable.AsResult(reason: $"the {service} service has enough to do");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var gate in gates.Values)
            gate.Dispose();
    }

    private IEnumerable<Measurement<int>> Observe(Func<BackendGate, int> number) =>
        gates.Select(gate => new Measurement<int>(number(gate.Value), KeyValuePair.Create<string, object?>("service", gate.Key)));
}
