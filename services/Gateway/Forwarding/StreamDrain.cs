using KvAspire.Gateway.Routes;
using KvAspire.ServiceDefaults.Health;

namespace KvAspire.Gateway.Forwarding;

/// <summary>
/// Aborts streams when the drain delay is over: a gateway that stops would wait for their end. Clients resume at another gateway.
/// </summary>
internal static class StreamDrain
{
    public static void UseStreamDrain(this IApplicationBuilder pipeline)
    {
        var lastCall = pipeline.ApplicationServices.GetRequiredService<LastCall>().Token;
        pipeline.Use(async (context, next) =>
        {
            if (PublicRoute.Of(context) is not { IsStream: true })
            {
                await next(context);
                return;
            }

            await using var cut = lastCall.Register(static request => ((HttpContext)request!).Abort(), context);
            await next(context);
        });
    }
}
