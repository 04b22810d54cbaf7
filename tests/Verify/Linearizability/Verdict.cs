using KvAspire.Verify.Histories;

namespace KvAspire.Verify.Linearizability;

/// <summary>What the checker found.</summary>
internal enum Finding
{
    /// <summary>There is an order of the operations that explains every answer.</summary>
    Linearizable,

    /// <summary>There is none.</summary>
    Violation,

    /// <summary>The search was given up: too many orders are possible.</summary>
    Undecided,
}

/// <summary>The verdict on the history of one key.</summary>
/// <param name="Finding">What was found.</param>
/// <param name="Steps">How many configurations were tried.</param>
/// <param name="Inexplicable">Where the longest explanation ends: the operation that finds no place in it.</param>
/// <param name="State">The value that was there in it.</param>
internal sealed record Verdict(Finding Finding, long Steps, Operation? Inexplicable = null, long State = 0);
