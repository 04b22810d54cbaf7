using System.Buffers;
using System.Diagnostics;
using System.Text;
using KvAspire.Gateway.Forwarding;
using KvAspire.Gateway.RateLimits;
using KvAspire.ServiceDefaults.Batches;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Gateway.Batches;

/// <summary>
/// Sends small replacements of entries: those that come at the same moment go to the data service as one request, and there into
/// one commit. Each has an outcome of its own. What was not tried goes the ordinary way; what may have been is never sent again.
/// </summary>
internal sealed class BatchedWrites(BatchDoor door, Lanes<PutAnswer> lanes)
{
    private const string Upsert = "?upsert=true";

    /// <summary>The write that a request is, or null. Its body has been read then.</summary>
    public PendingWrite? Read(HttpContext context)
    {
        if (!IsPlain(context.Request) || !door.TryAdmit(context, Scopes.Write, out var bearer, out var target))
            return null;

        var upserts = target.Span.EndsWith(Upsert);
        var key = upserts ? target[..^Upsert.Length] : target;
        return key.Length is > 0 and <= BatchFormat.MaxKeyLength && !key.Span.Contains('?') && TryTakeBody(context.Request, out var body)
            ? new(bearer, key, upserts, Activity.Current?.TraceId ?? ActivityTraceId.CreateRandom(), body)
            : null;
    }

    /// <summary>Answers it.</summary>
    public async Task AnswerAsync(HttpContext context, RequestDelegate next, PendingWrite write)
    {
        var (refusal, answer) = await door.SendAsync(context, BudgetKind.Write, lanes, write);
        if (refusal is not null)
        {
            await refusal.ExecuteAsync(context);
        }
        else if (answer.Status == 0)
        {
            context.Request.Body = new MemoryStream(write.Body);
            await BatchDoor.GoOnAsync(context, next);
        }
        else if (answer.Status < StatusCodes.Status400BadRequest)
        {
            await SendAsync(context.Response, answer);
        }
        else
        {
            await (ErrorCatalogue.Find(Encoding.ASCII.GetString(answer.Body)) ?? ErrorCatalogue.ForStatus(answer.Status)).AsResult().ExecuteAsync(context);
        }
    }

    private static bool IsPlain(HttpRequest request) =>
        request.ContentLength is > 0 and <= PutBatch.MaxBodyBytes
        && request.ContentType is "application/json" or "application/json; charset=utf-8"
        && !RepeatableWrites.Are(request) && !request.Headers.ContainsKey("Content-Encoding");

    // Mostly a small body came with its headers. Who sends it slowly is waited for in the ordinary way.
    private static bool TryTakeBody(HttpRequest request, out byte[] body)
    {
        body = [];
        var reader = request.BodyReader;
        if (!reader.TryRead(out var read))
            return false;

        if (read.Buffer.Length != request.ContentLength)
        {
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
            return false;
        }

        body = read.Buffer.ToArray();
        reader.AdvanceTo(read.Buffer.End);
        return true;
    }

    private static Task SendAsync(HttpResponse response, in PutAnswer answer)
    {
        response.StatusCode = answer.Status;
        if (answer.Location is { } location)
            response.Headers.Location = location;
        return BatchDoor.SendAsync(response, answer.Revision, answer.Body);
    }
}

/// <summary>A write that waits for its batch.</summary>
internal sealed class PendingWrite(Bearer bearer, ReadOnlyMemory<char> key, bool upserts, ActivityTraceId trace, byte[] body)
    : PendingRequest<PutAnswer>(bearer, key)
{
    /// <summary>The request's body.</summary>
    public byte[] Body => body;

    /// <inheritdoc/>
    public override void Write(IBufferWriter<byte> batch) => batch.WriteReplacement(upserts, trace, Key, body);
}

/// <summary>How writes are batched.</summary>
internal sealed class WriteBatches : BatchKind<PutAnswer>
{
    /// <inheritdoc/>
    public override string Path => PutBatch.Path;

    /// <summary>While one is being committed, others are on their way: an owner who has to wait does not hold up all.</summary>
    public override int MaxRunning => 2;

    /// <summary>As long as the ordinary way takes at most.</summary>
    public override TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public override PutAnswer Unanswered => Status(StatusCodes.Status502BadGateway);

    /// <inheritdoc/>
    protected override string ContentType => PutAnswers.ContentType;

    /// <inheritdoc/>
    protected override int MaxBytes => PutAnswers.MaxBytes;

    /// <inheritdoc/>
    public override IReadOnlyList<PutAnswer> Read(ReadOnlySpan<byte> bytes, int count) => PutAnswers.Read(bytes, count);

    /// <summary>A batch that the service does not take was not tried. Of one that it failed with, nobody knows.</summary>
    public override PutAnswer Refused(int status) =>
        status is >= StatusCodes.Status400BadRequest and < StatusCodes.Status500InternalServerError ? PutAnswer.Elsewhere : Unanswered;

    /// <inheritdoc/>
    public override PutAnswer Failed(Exception exception) =>
        ForwardingFailures.IsOfConnecting(exception) ? PutAnswer.Elsewhere
        : exception is OperationCanceledException ? Status(StatusCodes.Status504GatewayTimeout)
        : Unanswered;

    private static PutAnswer Status(int status) => new(status, 0, null, []);
}
