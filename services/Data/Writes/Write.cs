using KvAspire.Data.Entries;

namespace KvAspire.Data.Writes;

/// <summary>What is to be done with a key. The numbers are those of the database's function.</summary>
internal enum WriteKind : short
{
    /// <summary>Nothing: only the conditions count.</summary>
    Check = 0,

    /// <summary>Store a value, over another one or not.</summary>
    Put = 1,

    /// <summary>Store a value where there is none.</summary>
    Create = 2,

    /// <summary>Store a value over another one.</summary>
    Update = 3,

    /// <summary>Delete.</summary>
    Delete = 4,

    /// <summary>Add a number to the one that is there, or to 0.</summary>
    Add = 5,
}

/// <summary>How an operation came out. The numbers are those of the database's function; from 10 on nothing was done.</summary>
internal enum WriteOutcome : short
{
    /// <summary>There was no such key, now there is.</summary>
    Created = 1,

    /// <summary>The key has a new value.</summary>
    Updated = 2,

    /// <summary>The key is gone.</summary>
    Deleted = 3,

    /// <summary>A check holds.</summary>
    Holds = 4,

    /// <summary>Not created: the key exists.</summary>
    Exists = 10,

    /// <summary>Not changed: there is no such key.</summary>
    NotFound = 11,

    /// <summary>A condition does not hold.</summary>
    PreconditionFailed = 12,

    /// <summary>The owner may not store so much.</summary>
    QuotaExceeded = 13,

    /// <summary>Not added: what is there, or what it would become, is no integer of up to 100 digits.</summary>
    NotANumber = 14,
}

/// <summary>One operation on one key.</summary>
/// <param name="Id">The key.</param>
/// <param name="Kind">What to do.</param>
/// <param name="Content">What to store; for <see cref="WriteKind.Add"/> its value is what to add.</param>
/// <param name="Conditions">When to do it.</param>
internal sealed record Write(EntryId Id, WriteKind Kind, EntryContent Content = default, Conditions Conditions = default);

/// <summary>How an operation came out.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Revision">The revision that it made, or that it met; 0 where there is none.</param>
/// <param name="Value">What <see cref="WriteKind.Add"/> made.</param>
internal readonly record struct WriteResult(WriteOutcome Outcome, long Revision, byte[]? Value)
{
    /// <summary>Whether it was done.</summary>
    public bool Succeeded => Outcome < WriteOutcome.Exists;
}

/// <summary>Who makes a change, for the change log.</summary>
/// <param name="Name">The <c>sub</c> of the token, or the id of the client or API key that it was issued to.</param>
/// <param name="TraceId">The W3C trace id of the request.</param>
internal readonly record struct Actor(string? Name, string? TraceId);
