using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Edge.Connections;

/// <summary>
/// Ends connections of clients that send or read too slowly. Only the time in which the gateway waits for the client counts,
/// not a wait for a service or for the next event of a watch.
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
