using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Limits;

/// <summary>
/// Gives up on clients that send or take so slowly that they only keep a connection busy. What waits for us, or for the next
/// event of a watch, is not slow: time counts only while the client is the one who is waited for.
/// </summary>
internal static class SlowClients
{
    public static WebApplicationBuilder AddSlowClients(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<SlowClientOptions>()
            .BindConfiguration(SlowClientOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<KestrelServerOptions>()
            .Configure<IOptions<SlowClientOptions>>((kestrel, slow) => Set(kestrel.Limits, slow.Value));
        return builder;
    }

    private static void Set(KestrelServerLimits limits, SlowClientOptions slow)
    {
        limits.RequestHeadersTimeout = slow.HeadersTimeout;
        limits.MinRequestBodyDataRate = Rate(slow.MinBodyRate, slow.Grace);
        limits.MinResponseDataRate = Rate(slow.MinAnswerRate, slow.Grace);
    }

    private static MinDataRate? Rate(double bytesPerSecond, TimeSpan grace) => bytesPerSecond > 0 ? new(bytesPerSecond, grace) : null;
}
