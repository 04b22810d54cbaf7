using KvAspire.ServiceDefaults.Health;

namespace KvAspire.Gateway.Forwarding;

/// <summary>
/// Cuts answers that have no end by themselves when the gateway listens no more: it would wait for them, as for any other, as
/// long as it may. Their clients resume, at another gateway.
/// </summary>
internal static class EndlessAnswers
{
    public static void UseEndlessAnswers(this IApplicationBuilder pipeline)
    {
        var lastCall = pipeline.ApplicationServices.GetRequiredService<LastCall>().Token;
        pipeline.Use(async (context, next) =>
        {
            // A route without a time limit is one of a stream.
            if (context.GetReverseProxyFeature().Route.Config.Timeout is not null)
            {
                await next(context);
                return;
            }

            await using var cut = lastCall.Register(static request => ((HttpContext)request!).Abort(), context);
            await next(context);
        });
    }
}
