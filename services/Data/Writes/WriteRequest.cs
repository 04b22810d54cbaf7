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

    /// <summary>Says how it came out.</summary>
    public void Complete(WriteResult[] results) => completion.TrySetResult(results);

    /// <summary>Says that it failed.</summary>
    public void Fail(Exception exception) => completion.TrySetException(exception);
}
