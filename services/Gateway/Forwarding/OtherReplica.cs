using KvAspire.ServiceDefaults.Requests;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace KvAspire.Gateway.Forwarding;

/// <summary>
/// Offers a request to one other replica when the first failed it: any request that was provably never sent, since no
/// connection was made; and where the connection broke before the answer began also one of a safe method (RFC 9110, section
/// 9.2.1), for asking twice changes nothing, and a write with an <c>Idempotency-Key</c>, for the service does it once.
/// </summary>
internal static class OtherReplica
{
    public static void UseOtherReplica(this IApplicationBuilder pipeline) => pipeline.Use(async (context, next) =>
    {
        var proxy = context.GetReverseProxyFeature();
        var available = proxy.AvailableDestinations;
        await next(context);

        if (context.Features.Get<IForwarderErrorFeature>() is not { } failure || !MayGoElsewhere(context, failure))
            return;

        // One that was lost some seconds ago may be back, and is better than none.
        var others = Others(available, proxy.ProxiedDestination);
        if (others.Count == 0)
            others = Others(proxy.AllDestinations, proxy.ProxiedDestination);
        if (others.Count == 0)
            return;

        if (!failure.NeverConnected())
            ForwardedAgain.Mark(context.Request);
        context.Features.Set<IForwarderErrorFeature>(null);
        context.Response.StatusCode = StatusCodes.Status200OK; // forwarding refuses to begin on an answer that is already set
        proxy.ProxiedDestination = null;
        proxy.AvailableDestinations = others;
        await next(context);
    });

    private static List<DestinationState> Others(IReadOnlyList<DestinationState> destinations, DestinationState? tried) =>
        [.. destinations.Where(destination => destination != tried)];

    private static bool MayGoElsewhere(HttpContext context, IForwarderErrorFeature failure) =>
        !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested
        && (failure.NeverConnected() || (failure.BrokeAtTheService() && (IsSafe(context.Request.Method) || RepeatableWrites.Are(context.Request))))
        && RepeatableWrites.TryRewind(context.Request);

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
}
