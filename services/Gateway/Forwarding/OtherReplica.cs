using Yarp.ReverseProxy.Forwarder;

namespace KvAspire.Gateway.Forwarding;

/// <summary>
/// Offers a request to one other replica when the first failed it: any request that was provably never sent, since no
/// connection was made; and one of a safe method (RFC 9110, section 9.2.1) also where the connection broke before the
/// answer began, for asking twice changes nothing.
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

        var others = available.Where(destination => destination != proxy.ProxiedDestination).ToList();
        if (others.Count == 0)
            return;

        context.Features.Set<IForwarderErrorFeature>(null);
        context.Response.StatusCode = StatusCodes.Status200OK; // forwarding refuses to begin on an answer that is already set
        proxy.ProxiedDestination = null;
        proxy.AvailableDestinations = others;
        await next(context);
    });

    private static bool MayGoElsewhere(HttpContext context, IForwarderErrorFeature failure) =>
        !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested
        && (failure.NeverConnected() || (failure.Error is ForwarderError.Request && IsSafe(context.Request.Method)));

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
}
