using System.Diagnostics;
using KvAspire.Gateway.Limits;

namespace KvAspire.Gateway.Trust;

/// <summary>
/// Goes on with the trace of a caller (W3C Trace Context, Baggage) where it comes from a trusted network. From anybody else
/// nothing is kept of it, neither the trace id nor the decision to record nor the baggage: a stranger could otherwise put his
/// requests into the trace of another, or decide what is recorded. Such a request begins a trace of its own.
/// </summary>
internal sealed class TrustedTraces(DistributedContextPropagator inner) : DistributedContextPropagator
{
    // The span of a request begins before any middleware, with nothing to go by but its headers. What is set where the
    // connection begins is seen by all of its requests.
    private static readonly AsyncLocal<bool> Followed = new();

    /// <summary>Whether the current request is of a connection from a trusted network.</summary>
    public static bool AreFollowed => Followed.Value;

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Fields => inner.Fields;

    /// <summary>Notes of each connection whether its requests are followed. Without a network there is nothing to note.</summary>
    public static void Note(WebApplicationBuilder builder, TrustedNetworks networks)
    {
        builder.Services.AddSingleton<DistributedContextPropagator>(new TrustedTraces(Current));
        if (networks.All.Count == 0)
            return;

        builder.AddConnectionStep(_ => async (connection, next) =>
        {
            if (networks.Contain(connection.RemoteEndPoint))
                Followed.Value = true;
            await next(connection);
        });
    }

    /// <inheritdoc/>
    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) => inner.Inject(activity, carrier, setter);

    /// <inheritdoc/>
    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        (traceId, traceState) = (null, null);
        if (AreFollowed)
            inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);
    }

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        AreFollowed ? inner.ExtractBaggage(carrier, getter) : null;
}
