namespace KvAspire.Gateway.RateLimits;

/// <summary>What a request is counted as: metadata of its endpoint.</summary>
internal enum BudgetKind
{
    /// <summary>Everything else.</summary>
    Other,

    /// <summary>Registrations.</summary>
    Registration,

    /// <summary>Whatever tries a password or another secret.</summary>
    SignIn,

    /// <summary>The account.</summary>
    Account,

    /// <summary>Reading data.</summary>
    Read,

    /// <summary>Changing data.</summary>
    Write,
}
