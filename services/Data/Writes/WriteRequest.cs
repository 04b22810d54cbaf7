using System.Diagnostics;
using KvAspire.Data.Idempotency;

namespace KvAspire.Data.Writes;

/// <summary>The operations of one request, waiting for their turn.</summary>
/// <param name="writes">The operations, all of one owner.</param>
/// <param name="actor">Who makes the changes.</param>
/// <param name="isAtomic">Whether all are done or none.</param>
/// <param name="once">Where they are to be done once, however often they are asked for.</param>
internal sealed class WriteRequest(IReadOnlyList<Write> writes, Actor actor, bool isAtomic = false, OnceKey? once = null)
{
    /// <summary>How long it waits before it is tried again.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // Two seconds: longer than Postgres needs to end what was begun on a connection that is gone.
    private const int MaxWaits = 40;

    private int waits;

    private readonly TaskCompletionSource<WriteResult[]> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The operations.</summary>
    public IReadOnlyList<Write> Writes => writes;

    /// <summary>Who makes the changes.</summary>
    public Actor Actor => actor;

    /// <summary>Whether all are done or none.</summary>
    public bool IsAtomic => isAtomic;

    /// <summary>Where they are to be done once.</summary>
    public OnceKey? Once => once;

    /// <summary>Whether it can share a statement with others.</summary>
    public bool IsPlain => !isAtomic && once is null;

    /// <summary>The request's trace.</summary>
    public ActivityContext Trace { get; } = Activity.Current?.Context ?? default;

    /// <summary>About how many bytes go to the database.</summary>
    public long Bytes { get; } = writes.Sum(write => (long)write.Content.Length + (2 * write.Id.Key.Length) + 200);

    /// <summary>How each operation came out.</summary>
    public Task<WriteResult[]> Results => completion.Task;

    /// <summary>Whether it may be tried again while the same request is under way elsewhere.</summary>
    public bool TryWait() => once is { MayWait: true } && ++waits <= MaxWaits;

    /// <summary>Says how it came out.</summary>
    public void Complete(WriteResult[] results) => completion.TrySetResult(results);

    /// <summary>Says that it failed.</summary>
    public void Fail(Exception exception) => completion.TrySetException(exception);
}
