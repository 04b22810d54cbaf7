using Yarp.ReverseProxy.Forwarder;

namespace KvAspire.Gateway.Forwarding;

/// <summary>
/// Offers a request to one other replica when the first could not be connected to: nothing of it was sent, so that this
/// is safe for any method.
/// </summary>
internal static class OtherReplica
{
    public static void UseOtherReplica(this IApplicationBuilder pipeline) => pipeline.Use(async (context, next) =>
    {
        var proxy = context.GetReverseProxyFeature();
        var available = proxy.AvailableDestinations;
        await next(context);

        if (context.Features.Get<IForwarderErrorFeature>()?.NeverConnected() is not true || context.Response.HasStarted)
            return;

        var others = available.Where(destination => destination != proxy.ProxiedDestination).ToList();
        if (others.Count == 0)
            return;

        context.Features.Set<IForwarderErrorFeature>(null);
        context.Response.StatusCode = StatusCodes.Status200OK; // forwarding refuses to begin on an answer that is already set
        proxy.ProxiedDestination = null;
        proxy.AvailableDestinations = others;
        await next(context);
    });
}
