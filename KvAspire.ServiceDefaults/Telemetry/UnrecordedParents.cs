using System.Diagnostics;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>
/// Passes on the span of the request itself where nothing is recorded. By itself <see cref="HttpClient"/> makes a span for each call,
/// only to name it as the parent: a service that keeps its part of such a trace (<see cref="KeptRequests"/>) would then refer to
/// a span that no service has recorded.
/// </summary>
internal sealed class UnrecordedParents(DistributedContextPropagator inner) : DistributedContextPropagator
{
    public override IReadOnlyCollection<string> Fields => inner.Fields;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        while (activity is { Recorded: false, Parent: { } parent })
            activity = parent;
        inner.Inject(activity, carrier, setter);
    }

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        inner.ExtractBaggage(carrier, getter);
}
