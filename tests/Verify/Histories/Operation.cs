namespace KvAspire.Verify.Histories;

/// <summary>The kind of an operation.</summary>
internal enum OperationKind
{
    /// <summary>Reads the value.</summary>
    Read,

    /// <summary>Stores a value where there is none.</summary>
    Create,

    /// <summary>Replaces an existing value.</summary>
    Put,

    /// <summary>Stores a value unconditionally.</summary>
    Upsert,

    /// <summary>Deletes an existing value.</summary>
    Delete,

    /// <summary>Replaces a value of a given revision.</summary>
    Swap,
}

/// <summary>The outcome that the client knows.</summary>
internal enum Outcome
{
    /// <summary>Done.</summary>
    Done,

    /// <summary>Not done: there is no value.</summary>
    Missing,

    /// <summary>Not done: there is a value.</summary>
    Exists,

    /// <summary>Not done: there is another value than the expected one.</summary>
    Refused,

    /// <summary>Not done: the system is temporarily unavailable, and stored nothing.</summary>
    Unavailable,

    /// <summary>Unknown: done at any time after the start, or never.</summary>
    Unknown,
}

/// <summary>An operation of a client on a key. The absent value is 0. Every write has a unique value.</summary>
/// <param name="Client">The client.</param>
/// <param name="Key">The key.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Value">The read value, or the value to write.</param>
/// <param name="Expected">For a swap: the expected value.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Start">The time of the request, in microseconds of a clock that all clients share.</param>
/// <param name="End">The time of the response.</param>
/// <param name="Revision">The revision in the response; 0 without one.</param>
/// <param name="FromCache">Whether the value comes from the cache.</param>
internal sealed record Operation(
    int Client,
    string Key,
    OperationKind Kind,
    long Value,
    long Expected,
    Outcome Outcome,
    long Start,
    long End,
    long Revision = 0,
    bool FromCache = false)
{
    /// <summary>Whether the operation may have changed the value.</summary>
    public bool Changes => Kind is not OperationKind.Read && Outcome is Outcome.Done or Outcome.Unknown;

    /// <summary>The value that must have been there before the operation; 0 where any value or none is possible.</summary>
    public long Sees => Outcome is not Outcome.Done ? 0
        : Kind is OperationKind.Read ? Value
        : Kind is OperationKind.Swap ? Expected
        : 0;

    /// <summary>Whether the operation can take effect in a state, and the resulting state.</summary>
    public bool TryApply(long state, out long next)
    {
        next = state;
        switch (Outcome)
        {
            case Outcome.Missing:
                return state == 0;
            case Outcome.Exists:
                return state != 0;
            case Outcome.Refused:
                return state != Expected;
        }

        next = Kind is OperationKind.Delete ? 0 : Value;
        return Kind switch
        {
            OperationKind.Read => state == Value,
            OperationKind.Create => state == 0,
            OperationKind.Put or OperationKind.Delete => state != 0,
            OperationKind.Swap => state == Expected,
            _ => true,
        };
    }
}
