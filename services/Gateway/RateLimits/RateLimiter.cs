using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.RateLimits;

/// <summary>Who has asked for how much.</summary>
internal sealed class RateLimiter(SharedLog shared, IOptionsMonitor<Budgets> budgets, TimeProvider clock) : IDisposable
{
    // Subjects that this gateway has seen lately. Who is forgotten under pressure is still counted in Redis.
    private const int MaxMeters = 100_000;

    private readonly Lock creating = new();
    private readonly MemoryCache meters = new(new MemoryCacheOptions { SizeLimit = MaxMeters });

    /// <summary>Takes one request out of a budget of whoever sends it (<see cref="Limits.Requester"/>).</summary>
    public ValueTask<Decision> TakeAsync(BudgetKind kind, string requester)
    {
        var budget = budgets.CurrentValue.Of(kind);
        if (budget.Limit == 0)
            return ValueTask.FromResult(new Decision(true, budget, 0, 0));

        var id = (kind, requester);
        return (meters.TryGetValue(id, out Meter? meter) ? meter! : Create(id, budget)).TakeAsync(budget);
    }

    /// <inheritdoc/>
    public void Dispose() => meters.Dispose();

    // One for those who come at the same moment: the cache by itself would make one for each, and count with the last of them only.
    private Meter Create((BudgetKind Kind, string Requester) id, Budget budget)
    {
        lock (creating)
        {
            return meters.GetOrCreate(id, entry =>
            {
                entry.SetSize(1).SetSlidingExpiration(budget.Window + budget.Window);
                return new Meter(id.Kind, Opaque(id.Requester), shared, clock);
            })!;
        }
    }

    // Redis need not know who it is.
    private static string Opaque(string subject) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)).AsSpan(0, 16));
}
