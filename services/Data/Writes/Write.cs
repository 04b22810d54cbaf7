using System.Diagnostics;
using KvAspire.Data.Entries;
using KvAspire.Data.Idempotency;

namespace KvAspire.Data.Writes;

/// <summary>The kind of an operation. The numbers are those of the database function.</summary>
internal enum WriteKind : short
{
    Check = 0, // only checks the conditions
    Put = 1,
    Create = 2, // only if the key is missing
    Update = 3, // only if the key exists
    Delete = 4,
    Add = 5, // adds a number to the value, or to 0
}

/// <summary>
/// The outcome of an operation. The numbers are those of the database function: from 10 on nothing was changed.
/// </summary>
internal enum WriteOutcome : short
{
    Created = 1,
    Updated = 2,
    Deleted = 3,
    Holds = 4, // the conditions of a check
    Exists = 10,
    NotFound = 11,
    PreconditionFailed = 12,
    QuotaExceeded = 13,
    NotANumber = 14, // the value or the sum is no integer of at most 100 digits
}

/// <summary>One operation on one key. For <see cref="WriteKind.Add"/> the value of the content is the number to add.</summary>
internal sealed record Write(EntryId Id, WriteKind Kind, EntryContent Content = default, Conditions Conditions = default);

/// <summary>
/// The result of an operation, with the revision that it made or met (0 if there is none), and with the sum for <see
/// cref="WriteKind.Add"/>.
/// </summary>
internal readonly record struct WriteResult(WriteOutcome Outcome, long Revision, byte[]? Value)
{
    /// <summary>Whether the operation was done.</summary>
    public bool Succeeded => Outcome < WriteOutcome.Exists;
}

/// <summary>The author of a change, for the change log.</summary>
/// <param name="Name">The <c>sub</c> of the token, or the id of the client or API key.</param>
/// <param name="TraceId">The W3C trace id of the request.</param>
internal readonly record struct Actor(string? Name, string? TraceId);

/// <summary>The operations of one request, all of one owner. If it is atomic, all of them are done or none.</summary>
internal sealed class WriteRequest(IReadOnlyList<Write> writes, Actor actor, bool isAtomic = false, IdempotencyKey? idempotency = null)
{
    /// <summary>How long a request waits before it is tried again.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // Two seconds: longer than Postgres takes to end the transaction of a lost connection.
    private const int MaxWaits = 40;

    private int waits;

    private readonly TaskCompletionSource<WriteResult[]> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Write> Writes => writes;
    public Actor Actor => actor;
    public bool IsAtomic => isAtomic;
    public IdempotencyKey? Idempotency => idempotency;

    /// <summary>Whether the request can share a statement with others.</summary>
    public bool IsPlain => !isAtomic && idempotency is null;

    /// <summary>The timestamp at which the request came to its lane.</summary>
    public long EnqueuedAt { get; set; }

    /// <summary>The trace of the request.</summary>
    public ActivityContext Trace { get; } = Activity.Current?.Context ?? default;

    /// <summary>About how many bytes go to the database.</summary>
    public long Bytes { get; } = writes.Sum(write => (long)write.Content.Length + (2 * write.Id.Key.Length) + 200);

    /// <summary>The result of each operation.</summary>
    public Task<WriteResult[]> Results => completion.Task;

    /// <summary>Whether the request may be tried again while its first attempt is still running.</summary>
    public bool TryWait() => idempotency is { MayWait: true } && ++waits <= MaxWaits;

    public void Complete(WriteResult[] results) => completion.TrySetResult(results);

    public void Fail(Exception exception) => completion.TrySetException(exception);
}
