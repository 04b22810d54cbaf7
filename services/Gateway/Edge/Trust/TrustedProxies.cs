using System.Diagnostics;
using KvAspire.ClientNetworks;
using KvAspire.Gateway.Edge.Connections;
using Microsoft.Net.Http.Headers;
using Forwarded = Microsoft.AspNetCore.HttpOverrides.ForwardedHeaders;

namespace KvAspire.Gateway.Edge.Trust;

/// <summary>
/// Applies the forwarded headers of trusted proxies, then removes all such headers, <c>Upgrade</c> and untrusted trace context.
/// YARP sets the forwarded headers for the services anew.
/// </summary>
internal static class TrustedProxies
{
    // Bounds the cost of a header with thousands of commas.
    private const int MaxProxies = 16;

    private static readonly string[] Removed = ["Forwarded", "X-Real-IP", "X-Rewrite-URL", HeaderNames.Upgrade];

    // .NET also reads the headers that came before W3C Trace Context.
    private static readonly string[] Traces =
        [HeaderNames.TraceParent, HeaderNames.TraceState, HeaderNames.Baggage, HeaderNames.RequestId, HeaderNames.CorrelationContext];

    /// <summary>Sets the client's address, <see cref="HttpRequest.Scheme"/> and <see cref="HttpRequest.Host"/>.</summary>
    public static void UseTrustedProxies(this WebApplication app)
    {
        if (app.Services.GetRequiredService<TrustedNetworks>() is { All.Count: > 0 } networks)
            app.UseForwardedHeaders(Options(networks));

        app.Use((context, next) =>
        {
            RemoveFrom(context.Request.Headers);
            return next(context);
        });
    }

    // The middleware reads X-Forwarded-For from the right. The first address that is not trusted is the client's. A text that is
    // not an address ends the chain: no known proxy wrote the rest.
    private static ForwardedHeadersOptions Options(TrustedNetworks networks)
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = Forwarded.XForwardedFor | Forwarded.XForwardedProto | Forwarded.XForwardedHost,
            ForwardLimit = MaxProxies,
        };
        options.KnownProxies.Clear(); // contains loopback by default
        options.KnownIPNetworks.Clear();
        foreach (var network in networks.All)
            options.KnownIPNetworks.Add(network);
        return options;
    }

    private static void RemoveFrom(IHeaderDictionary headers)
    {
        foreach (var name in Removed)
            headers.Remove(name);
        if (!TrustedTracePropagator.IsTrusted)
        {
            foreach (var name in Traces)
                headers.Remove(name);
        }

        List<string>? forwarded = null;
        foreach (var (name, _) in headers)
        {
            // The middleware keeps replaced values in X-Original-*.
            if (name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
                || name.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase))
            {
                (forwarded ??= []).Add(name);
            }
        }

        forwarded?.ForEach(name => headers.Remove(name));
    }
}

/// <summary>
/// Continues a caller's trace (W3C Trace Context, Baggage) if the connection is from a trusted network. Else the request begins a
/// new trace, without the caller's trace id, sampling decision and baggage: a stranger could otherwise add requests to another's
/// trace, or decide what is recorded.
/// </summary>
internal sealed class TrustedTracePropagator(DistributedContextPropagator inner) : DistributedContextPropagator
{
    // A request's span begins before any middleware, and the propagator sees only headers. A value that connection middleware
    // sets is visible to all requests of the connection.
    private static readonly AsyncLocal<bool> Trusted = new();

    /// <summary>Whether the current request's connection is from a trusted network.</summary>
    public static bool IsTrusted => Trusted.Value;

    public override IReadOnlyCollection<string> Fields => inner.Fields;

    public static void AddTo(WebApplicationBuilder builder, TrustedNetworks networks)
    {
        builder.Services.AddSingleton<DistributedContextPropagator>(new TrustedTracePropagator(Current));
        if (networks.All.Count == 0)
            return;

        builder.AddConnectionMiddleware(_ => async (connection, next) =>
        {
            if (networks.Contain(connection.RemoteEndPoint))
                Trusted.Value = true;
            await next(connection);
        });
    }

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) =>
        inner.Inject(activity, carrier, setter);

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        (traceId, traceState) = (null, null);
        if (IsTrusted)
            inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);
    }

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        IsTrusted ? inner.ExtractBaggage(carrier, getter) : null;
}
