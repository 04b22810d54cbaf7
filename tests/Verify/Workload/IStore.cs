using KvAspire.Verify.Histories;

namespace KvAspire.Verify.Workload;

/// <summary>A key-value store: the system under test, or a store that is known to be correct or faulty.</summary>
internal interface IStore
{
    /// <summary>Sends one request, without retries.</summary>
    Task<Answer> AskAsync(Request request, CancellationToken cancellationToken);
}

/// <summary>A request.</summary>
/// <param name="Kind">The kind of operation.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The value to write.</param>
/// <param name="Revision">For a swap: the expected revision.</param>
/// <param name="Fresh">For a read: whether to bypass the cache.</param>
internal readonly record struct Request(OperationKind Kind, string Key, long Value = 0, long Revision = 0, bool Fresh = false);

/// <summary>A response.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Value">The read value; 0 where there is none.</param>
/// <param name="Revision">The read or written revision; 0 where the response has none.</param>
/// <param name="FromCache">Whether the value comes from the cache.</param>
internal readonly record struct Answer(Outcome Outcome, long Value = 0, long Revision = 0, bool FromCache = false);
