namespace KvAspire.Verify.Histories;

/// <summary>What a client asked for.</summary>
internal enum OperationKind
{
    /// <summary>The value, if there is one.</summary>
    Read,

    /// <summary>To store a value where there is none.</summary>
    Create,

    /// <summary>To replace the value that is there.</summary>
    Put,

    /// <summary>To store a value, whatever is there.</summary>
    Upsert,

    /// <summary>To remove the value that is there.</summary>
    Delete,

    /// <summary>To replace one certain value, known by its revision.</summary>
    Swap,
}

/// <summary>What a client was told.</summary>
internal enum Outcome
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>Nothing was done: there is no value.</summary>
    Missing,

    /// <summary>Nothing was done: there is a value.</summary>
    Exists,

    /// <summary>Nothing was done: it is not the expected value that is there.</summary>
    Refused,

    /// <summary>Nothing was done: the system says that it cannot serve at the moment, and that nothing was stored.</summary>
    Unavailable,

    /// <summary>Nothing is known: it may have been done, at any time after the start, or may be done yet, or never.</summary>
    Unknown,
}

/// <summary>One operation of a client on a key. The absent value is 0; every write writes a value of its own.</summary>
/// <param name="Client">Whose.</param>
/// <param name="Key">On what.</param>
/// <param name="Kind">What.</param>
/// <param name="Value">What was read, or was to be written.</param>
/// <param name="Expected">Of a swap: the value that it replaces.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Start">When it was sent, in microseconds of one clock for all clients.</param>
/// <param name="End">When the answer was there.</param>
/// <param name="Revision">The revision in the answer; 0 without one.</param>
/// <param name="FromCache">Whether the answer says that it comes from the cache.</param>
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
    /// <summary>Whether it can have changed the value.</summary>
    public bool Changes => Kind is not OperationKind.Read && Outcome is Outcome.Done or Outcome.Unknown;

    /// <summary>The value that has to be there, because it was done; 0 where any may be, or none.</summary>
    public long Sees => Outcome is not Outcome.Done ? 0
        : Kind is OperationKind.Read ? Value
        : Kind is OperationKind.Swap ? Expected
        : 0;

    /// <summary>Whether it can take effect on a state, and which state that leaves.</summary>
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
