using System.Buffers;
using System.Diagnostics;
using KvAspire.GatewayProtocol;
using KvAspire.TokenChecking;

namespace KvAspire.Gateway.Forwarding.Batches;

/// <summary>A request that waits for its batch.</summary>
/// <typeparam name="TAnswer">The type of its answer.</typeparam>
/// <param name="bearer">The owner of the token.</param>
/// <param name="key">The key as it stands in the path.</param>
internal abstract class PendingRequest<TAnswer>(Bearer bearer, ReadOnlyMemory<char> key)
{
    // The rest of a request must not run in the loop that completes its batch.
    private readonly TaskCompletionSource<TAnswer> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What the token says. All requests with the same token share one object.</summary>
    public AccessTokenIdentity Identity => bearer.Identity;

    /// <summary>The token.</summary>
    public ReadOnlySpan<char> Token => bearer.Token.Span;

    /// <summary>The key as it stands in the path.</summary>
    public ReadOnlySpan<char> Key => key.Span;

    /// <summary>The request's span.</summary>
    public Activity? Span { get; } = Activity.Current;

    /// <summary>Completes with the answer. It never fails.</summary>
    public Task<TAnswer> Answer => answer.Task;

    /// <summary>Gives the answer.</summary>
    public void Complete(in TAnswer found) => answer.SetResult(found);

    /// <summary>Writes the request into the batch, after the number of its token.</summary>
    public abstract void Write(IBufferWriter<byte> batch);
}

/// <summary>A read that waits for its batch.</summary>
internal sealed class PendingRead(Bearer bearer, ReadOnlyMemory<char> key) : PendingRequest<ReadAnswer>(bearer, key)
{
    /// <inheritdoc/>
    public override void Write(IBufferWriter<byte> batch) => batch.WriteText(Key);
}

/// <summary>A replacement that waits for its batch.</summary>
internal sealed class PendingWrite(Bearer bearer, ReadOnlyMemory<char> key, bool upserts, ActivityTraceId trace, byte[] body)
    : PendingRequest<WriteAnswer>(bearer, key)
{
    /// <inheritdoc/>
    public override void Write(IBufferWriter<byte> batch) => batch.WriteReplacement(upserts, trace, Key, body);
}

/// <summary>The sender of a request.</summary>
/// <param name="Identity">What the token says.</param>
/// <param name="Token">The token.</param>
internal readonly record struct Bearer(AccessTokenIdentity Identity, ReadOnlyMemory<char> Token)
{
    /// <summary>The sender of a request that authorization let through.</summary>
    public static Bearer Of(HttpContext context) => new((AccessTokenIdentity)context.User.Identity!, AccessTokens.Read(context.Request));
}

/// <summary>
/// Spans of batches. A batch is in the trace of its first recorded request, so that a request that goes alone is one trace from
/// the gateway to Redis. The span and those of the batch's other recorded requests are linked to each other. A batch
/// without a recorded request is not recorded.
/// </summary>
internal sealed class BatchSpans(IHostEnvironment environment) : IDisposable
{
    private const string Size = "kvaspire.batch.size";

    private readonly ActivitySource source = new(environment.ApplicationName);

    /// <summary>Begins the span of a batch, and makes it the current one.</summary>
    /// <returns>Null where the batch is not recorded: the current span is then an unrecorded one.</returns>
    public Activity? Start<TAnswer>(string name, PendingRequest<TAnswer>[] batch)
    {
        // The service sees by the parent that it has nothing to record.
        Activity.Current = Array.Find(batch, request => request.Span is { Recorded: true })?.Span ?? batch[0].Span;
        if (Activity.Current is not { Recorded: true } parent || source.StartActivity(name) is not { } span)
            return null;

        span.SetTag(Size, batch.Length);
        foreach (var request in batch)
        {
            if (request.Span is { Recorded: true } other && other != parent)
            {
                other.AddLink(new(span.Context));
                span.AddLink(new(other.Context));
            }
        }

        return span;
    }

    /// <inheritdoc/>
    public void Dispose() => source.Dispose();
}
