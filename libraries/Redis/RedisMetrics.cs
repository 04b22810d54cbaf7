using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;

namespace KvAspire.Redis;

/// <summary>Observes whether Redis is in use.</summary>
internal sealed class RedisMetrics
{
    public RedisMetrics(IMeterFactory meters, IHostEnvironment environment, RedisGuard redis) =>
        meters.Create(environment.ApplicationName).CreateObservableGauge(
            "kvaspire.redis.available", () => redis.IsUsable ? 1 : 0, "{state}", "Whether Redis is connected and answers in time: 1 or 0.");
}
