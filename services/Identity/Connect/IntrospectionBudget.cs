using KvAspire.Identity.Requests;

namespace KvAspire.Identity.Connect;

/// <summary>
/// Counts the introspections of each client, after the client has authenticated: no other party can use up a client's budget.
/// </summary>
internal sealed class IntrospectionBudget(IOptions<IntrospectionOptions> options, TimeProvider clock)
{
    private readonly MinuteBuckets clients = new(options.Value.PerMinute, clock);

    /// <summary>Counts a request of a client.</summary>
    /// <returns>Null where it is within the budget, otherwise the time after which to try again.</returns>
    public TimeSpan? Take(string clientId) => clients.Take(clientId);
}
