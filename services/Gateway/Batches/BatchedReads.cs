using System.Buffers;
using KvAspire.Gateway.RateLimits;
using KvAspire.ServiceDefaults.Batches;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace KvAspire.Gateway.Batches;

/// <summary>
/// Answers plain reads of entries that the cache has: those that come at the same moment go to the data service as one
/// request. Everything else goes the ordinary way, and so does what turns out to be no such read: all that is refused is
/// refused there.
/// </summary>
internal sealed class BatchedReads(BatchDoor door, Lanes<ReadAnswer> lanes)
{
    private static readonly StringValues Hit = ReadAnswers.CacheStatus;

    /// <summary>The read that a request is, or null.</summary>
    public PendingRead? Read(HttpContext context) =>
        door.TryAdmit(context, Scopes.Read, out var bearer, out var key)
        && key.Length <= BatchFormat.MaxKeyLength && !key.Span.Contains('?')
        && context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true }
            ? new(bearer, key)
            : null;

    /// <summary>Answers it.</summary>
    public async Task AnswerAsync(HttpContext context, RequestDelegate next, PendingRead read)
    {
        var (refusal, answer) = await door.SendAsync(context, BudgetKind.Read, lanes, read);
        if (refusal is not null)
            await refusal.ExecuteAsync(context);
        else if (answer.Kind is ReadAnswerKind.Entry)
            await SendAsync(context.Response, answer);
        else if (answer.Kind is ReadAnswerKind.None)
            await SendNoneAsync(context);
        else
            await BatchDoor.GoOnAsync(context, next);
    }

    private static Task SendAsync(HttpResponse response, in ReadAnswer answer)
    {
        response.Headers["Cache-Status"] = Hit;
        return BatchDoor.SendAsync(response, answer.Revision, answer.Body);
    }

    private static Task SendNoneAsync(HttpContext context)
    {
        context.Response.Headers["Cache-Status"] = Hit;
        return ErrorCatalogue.KeyNotFound.AsResult().ExecuteAsync(context);
    }
}

/// <summary>A read that waits for its batch.</summary>
internal sealed class PendingRead(Bearer bearer, ReadOnlyMemory<char> key) : PendingRequest<ReadAnswer>(bearer, key)
{
    /// <inheritdoc/>
    public override void Write(IBufferWriter<byte> batch) => batch.WriteText(Key);
}

/// <summary>How reads are batched. Whatever becomes of a batch, each can be asked for anew.</summary>
internal sealed class ReadBatches : BatchKind<ReadAnswer>
{
    /// <inheritdoc/>
    public override string Path => ReadBatch.Path;

    /// <summary>One batch keeps two processors busy, here and there.</summary>
    public override int MaxRunning { get; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Redis gets a tenth of that. A replica that takes longer is not the one to ask.</summary>
    public override TimeSpan Patience => TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override string ContentType => ReadAnswers.ContentType;

    /// <inheritdoc/>
    protected override int MaxBytes => ReadAnswers.MaxBytes;

    /// <inheritdoc/>
    public override IReadOnlyList<ReadAnswer> Read(ReadOnlySpan<byte> bytes, int count) => ReadAnswers.Read(bytes, count);
}
