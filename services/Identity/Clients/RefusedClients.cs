using KvAspire.Identity.Requests;
using KvAspire.Identity.SignIns;

namespace KvAspire.Identity.Clients;

/// <summary>
/// Counts the failed client authentications of each network in memory. They cost no hash: beyond the budget the service refuses
/// them without a write, so that no network occupies the connections to the database.
/// </summary>
internal sealed class RefusedClients(ClientAddress client, IOptions<LockoutOptions> options, TimeProvider clock)
{
    private readonly MinuteBuckets networks = new(options.Value.RefusedClientsPerMinute, clock);

    /// <summary>Counts a failure of the current request's network.</summary>
    /// <returns>Null where it is within the budget, otherwise the time after which to try again.</returns>
    public TimeSpan? Take() => networks.Take(client.Network);
}
