using KvAspire.Verify.Histories;

namespace KvAspire.Verify.Workload;

/// <summary>A key-value store as its clients see it: the one under test, or one that is known to be right or wrong.</summary>
internal interface IStore
{
    /// <summary>Asks it once, without trying again.</summary>
    Task<Answer> AskAsync(Request request, CancellationToken cancellationToken);
}

/// <summary>What to ask for.</summary>
/// <param name="Kind">What.</param>
/// <param name="Key">On what.</param>
/// <param name="Value">The value to write.</param>
/// <param name="Revision">Of a swap: the revision that it replaces.</param>
/// <param name="Fresh">Of a read: past the cache.</param>
internal readonly record struct Request(OperationKind Kind, string Key, long Value = 0, long Revision = 0, bool Fresh = false);

/// <summary>What came of it.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Value">The value that was read; 0 where there is none.</param>
/// <param name="Revision">The revision that was read or written, if the answer says.</param>
/// <param name="FromCache">Whether the answer says that it comes from the cache.</param>
internal readonly record struct Answer(Outcome Outcome, long Value = 0, long Revision = 0, bool FromCache = false);
