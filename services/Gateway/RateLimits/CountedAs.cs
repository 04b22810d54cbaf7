namespace KvAspire.Gateway.RateLimits;

/// <summary>Metadata of an endpoint: the budget that its requests are taken from.</summary>
internal sealed record CountedAs(BudgetKind Kind);

/// <summary>A feature of a request that is taken out of its budget already, and comes by once more.</summary>
internal sealed class Counted
{
    /// <summary>All are alike.</summary>
    public static readonly Counted Already = new();
}
