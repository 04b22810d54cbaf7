using KvAspire.Verify.Histories;

namespace KvAspire.Verify.Linearizability;

/// <summary>The checker's result.</summary>
internal enum Finding
{
    /// <summary>Some order of the operations explains every response.</summary>
    Linearizable,

    /// <summary>No order does.</summary>
    Violation,

    /// <summary>The checker gave up: there are too many possible orders.</summary>
    Undecided,
}

/// <summary>The verdict on the history of one key.</summary>
/// <param name="Finding">The result.</param>
/// <param name="Steps">The number of tried configurations.</param>
/// <param name="Inexplicable">The operation that has no place after the longest valid order.</param>
/// <param name="State">The value at the end of that order.</param>
internal sealed record Verdict(Finding Finding, long Steps, Operation? Inexplicable = null, long State = 0);
