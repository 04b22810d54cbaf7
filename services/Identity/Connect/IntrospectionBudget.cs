using System.Threading.RateLimiting;

namespace KvAspire.Identity.Connect;

/// <summary>
/// Counts the introspections of each client, after the client has authenticated: no other party can use up a client's budget. A
/// bucket of a minute's requests is refilled evenly.
/// </summary>
internal sealed class IntrospectionBudget(IOptions<IntrospectionOptions> options) : IDisposable
{
    private const int SecondsInAMinute = 60;

    private readonly PartitionedRateLimiter<string> clients = PartitionedRateLimiter.Create<string, string>(client =>
        options.Value.PerMinute == 0
            ? RateLimitPartition.GetNoLimiter(client)
            : RateLimitPartition.GetTokenBucketLimiter(client, _ => new()
            {
                TokenLimit = options.Value.PerMinute,
                TokensPerPeriod = Math.Max(1, options.Value.PerMinute / SecondsInAMinute),
                ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1, SecondsInAMinute / options.Value.PerMinute)),
            }));

    /// <summary>Counts a request of a client.</summary>
    /// <returns>Null where it is within the budget, otherwise the time after which to try again.</returns>
    public TimeSpan? Take(string clientId)
    {
        using var lease = clients.AttemptAcquire(clientId);
        return lease.IsAcquired ? null
            : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait
            : TimeSpan.FromSeconds(1);
    }

    public void Dispose() => clients.Dispose();
}
