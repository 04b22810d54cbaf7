using System.Buffers;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Gateway.Batches;

/// <summary>A request that waits for its batch.</summary>
/// <typeparam name="TAnswer">What it is answered.</typeparam>
/// <param name="bearer">Who sends it.</param>
/// <param name="key">The key as it stands in the path.</param>
internal abstract class PendingRequest<TAnswer>(Bearer bearer, ReadOnlyMemory<char> key)
{
    // What follows is the rest of a request: a batch must not go through them one after the other.
    private readonly TaskCompletionSource<TAnswer> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What the token says: one object for all requests that bring the same.</summary>
    public AccessTokenIdentity Identity => bearer.Identity;

    /// <summary>The token.</summary>
    public ReadOnlySpan<char> Token => bearer.Token.Span;

    /// <summary>The key as it stands in the path.</summary>
    public ReadOnlySpan<char> Key => key.Span;

    /// <summary>Completes with what became of it. It never fails.</summary>
    public Task<TAnswer> Answer => answer.Task;

    /// <summary>Gives the answer.</summary>
    public void Complete(in TAnswer found) => answer.SetResult(found);

    /// <summary>Writes it into the batch, after the number of its token.</summary>
    public abstract void Write(IBufferWriter<byte> batch);
}

/// <summary>Who sends a request.</summary>
/// <param name="Identity">What the token says.</param>
/// <param name="Token">The token.</param>
internal readonly record struct Bearer(AccessTokenIdentity Identity, ReadOnlyMemory<char> Token);
