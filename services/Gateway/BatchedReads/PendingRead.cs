using KvAspire.ServiceDefaults.BatchedReads;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Gateway.BatchedReads;

/// <summary>A read that waits for its batch.</summary>
/// <param name="identity">What its token says: one object for all requests that bring the same.</param>
/// <param name="token">The token.</param>
/// <param name="key">The key as it stands in the path.</param>
internal sealed class PendingRead(AccessTokenIdentity identity, ReadOnlyMemory<char> token, ReadOnlyMemory<char> key)
{
    // What follows is the rest of a request: a batch must not go through them one after the other.
    private readonly TaskCompletionSource<ReadAnswer> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Who reads.</summary>
    public AccessTokenIdentity Identity => identity;

    /// <summary>The token.</summary>
    public ReadOnlySpan<char> Token => token.Span;

    /// <summary>The key as it stands in the path.</summary>
    public ReadOnlySpan<char> Key => key.Span;

    /// <summary>Completes with what was found. It never fails.</summary>
    public Task<ReadAnswer> Answer => answer.Task;

    /// <summary>Gives the answer.</summary>
    public void Complete(in ReadAnswer found) => answer.SetResult(found);
}
