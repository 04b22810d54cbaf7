namespace KvAspire.Gateway.RateLimits;

/// <summary>Metadata of an endpoint: the budget that its requests are taken from.</summary>
internal sealed record CountedAs(BudgetKind Kind);
