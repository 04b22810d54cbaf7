using KvAspire.GatewayProtocol;
using KvAspire.ServiceDefaults.Telemetry;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace KvAspire.Gateway.Forwarding;

/// <summary>
/// Retries a failed request once, at another replica. If no connection was made, nothing was sent, and any request is retried. If
/// the connection broke before the response began, only safe methods (RFC 9110, section 9.2.1) and writes with an
/// <c>Idempotency-Key</c> are retried.
/// </summary>
internal static class ReplicaFailover
{
    public static void UseReplicaFailover(this IApplicationBuilder pipeline)
    {
        var metrics = pipeline.ApplicationServices.GetRequiredService<ForwardingMetrics>();
        pipeline.Use((context, next) => ForwardAsync(context, next, metrics));
    }

    private static async Task ForwardAsync(HttpContext context, RequestDelegate next, ForwardingMetrics metrics)
    {
        var proxy = context.GetReverseProxyFeature();
        var available = proxy.AvailableDestinations;
        await next(context);

        if (context.Features.Get<IForwarderErrorFeature>() is not { } failure || !MayRetry(context, failure))
            return;

        // A replica that was lost some seconds ago may be back.
        var others = Others(available, proxy.ProxiedDestination);
        if (others.Count == 0)
            others = Others(proxy.AllDestinations, proxy.ProxiedDestination);
        if (others.Count == 0)
            return;

        RequestSpan.Happened("kvaspire.retry", "error.type", $"{failure.Error}");
        if (!failure.NeverConnected())
            ForwardedAgain.Mark(context.Request);
        context.Features.Set<IForwarderErrorFeature>(null);
        context.Response.StatusCode = StatusCodes.Status200OK; // the forwarder refuses a response whose status is set
        proxy.ProxiedDestination = null;
        proxy.AvailableDestinations = others;
        metrics.Retry(proxy.Cluster.Config.ClusterId);
        await next(context);
    }

    private static List<DestinationState> Others(IReadOnlyList<DestinationState> destinations, DestinationState? tried) =>
        [.. destinations.Where(destination => destination != tried)];

    private static bool MayRetry(HttpContext context, IForwarderErrorFeature failure) =>
        !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested
        && (failure.NeverConnected() || (failure.ConnectionBroke() && IsRepeatable(context.Request)))
        && IdempotentWrites.TryRewind(context.Request);

    private static bool IsRepeatable(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || IdempotentWrites.HasKey(request);
}
