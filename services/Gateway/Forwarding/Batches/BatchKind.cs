using KvAspire.Gateway.Routes;
using KvAspire.GatewayProtocol;

namespace KvAspire.Gateway.Forwarding.Batches;

/// <summary>How a kind of request is batched: reads, or writes.</summary>
/// <typeparam name="TAnswer">The answer to each request.</typeparam>
internal abstract class BatchKind<TAnswer>
{
    /// <summary>The name of a batch's span.</summary>
    public abstract string Name { get; }

    /// <summary>The attribute of a batch's metrics.</summary>
    public abstract KeyValuePair<string, object?> Kind { get; }

    /// <summary>The path at the data service.</summary>
    public abstract string Path { get; }

    /// <summary>How many batches may be under way to one replica.</summary>
    public abstract int MaxRunning { get; }

    /// <summary>How long to wait for a response.</summary>
    public abstract TimeSpan Patience { get; }

    /// <summary>The answer to a request that was provably not tried: the gateway forwards it alone.</summary>
    public abstract TAnswer Declined { get; }

    /// <summary>The answer to a request that the response leaves out.</summary>
    public abstract TAnswer Unanswered { get; }

    /// <summary>The media type of responses.</summary>
    protected abstract string ContentType { get; }

    /// <summary>The longest response in bytes.</summary>
    protected abstract int MaxBytes { get; }

    /// <summary>Whether a response has answers.</summary>
    public bool HasAnswers(HttpResponseMessage response) =>
        response.IsSuccessStatusCode && response.Content.Headers is { ContentType.MediaType: var type, ContentLength: { } length }
        && type == ContentType && length <= MaxBytes;

    /// <summary>Reads up to <paramref name="count"/> answers.</summary>
    public abstract IReadOnlyList<TAnswer> Read(ReadOnlySpan<byte> bytes, int count);

    /// <summary>The answer to each request of a batch that the service answered with another status.</summary>
    public abstract TAnswer Refused(int status);

    /// <summary>The answer to each request of a batch that failed.</summary>
    public abstract TAnswer Failed(Exception exception);
}

/// <summary>How reads are batched. A read that fails in a batch is safe to repeat alone.</summary>
internal sealed class Reads(RouteTable routes) : BatchKind<ReadAnswer>
{
    // The data service gives Redis a tenth of this. A replica that takes longer is not the one to ask.
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override string Name => "batch of reads";

    /// <inheritdoc/>
    public override KeyValuePair<string, object?> Kind { get; } = new("kind", "read");

    /// <inheritdoc/>
    public override string Path => ReadRequests.Path;

    /// <summary>One batch keeps two processors busy: one at the gateway, one at the data service.</summary>
    public override int MaxRunning { get; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <inheritdoc/>
    public override TimeSpan Patience { get; } = routes[PublicRoutes.EntryRead].TimeLimit is { } limit && limit < LongestPatience ? limit : LongestPatience;

    /// <inheritdoc/>
    public override ReadAnswer Declined => ReadAnswer.Declined;

    /// <inheritdoc/>
    public override ReadAnswer Unanswered => Declined;

    /// <inheritdoc/>
    protected override string ContentType => ReadAnswers.ContentType;

    /// <inheritdoc/>
    protected override int MaxBytes => ReadAnswers.MaxBytes;

    /// <inheritdoc/>
    public override IReadOnlyList<ReadAnswer> Read(ReadOnlySpan<byte> bytes, int count) => ReadAnswers.Read(bytes, count);

    /// <inheritdoc/>
    public override ReadAnswer Refused(int status) => Declined;

    /// <inheritdoc/>
    public override ReadAnswer Failed(Exception exception) => Declined;
}

/// <summary>How replacements are batched. One that may have been stored is never sent again.</summary>
internal sealed class Writes(RouteTable routes) : BatchKind<WriteAnswer>
{
    /// <inheritdoc/>
    public override string Name => "batch of writes";

    /// <inheritdoc/>
    public override KeyValuePair<string, object?> Kind { get; } = new("kind", "write");

    /// <inheritdoc/>
    public override string Path => WriteRequests.Path;

    /// <summary>While one batch is being committed, another is on its way: an owner who has to wait does not hold up all.</summary>
    public override int MaxRunning => 2;

    /// <inheritdoc/>
    public override TimeSpan Patience { get; } = routes[PublicRoutes.EntryChange].TimeLimit!.Value;

    /// <inheritdoc/>
    public override WriteAnswer Declined => WriteAnswer.Declined;

    /// <inheritdoc/>
    public override WriteAnswer Unanswered => Status(StatusCodes.Status502BadGateway);

    /// <inheritdoc/>
    protected override string ContentType => WriteAnswers.ContentType;

    /// <inheritdoc/>
    protected override int MaxBytes => WriteAnswers.MaxBytes;

    /// <inheritdoc/>
    public override IReadOnlyList<WriteAnswer> Read(ReadOnlySpan<byte> bytes, int count) => WriteAnswers.Read(bytes, count);

    /// <summary>A batch that the service refuses (4xx) was not tried. The outcome of one that it failed with is unknown.</summary>
    public override WriteAnswer Refused(int status) =>
        status is >= StatusCodes.Status400BadRequest and < StatusCodes.Status500InternalServerError ? Declined : Unanswered;

    /// <inheritdoc/>
    public override WriteAnswer Failed(Exception exception) =>
        ForwardingFailures.IsConnectFailure(exception) ? Declined
        : exception is OperationCanceledException ? Status(StatusCodes.Status504GatewayTimeout)
        : Unanswered;

    private static WriteAnswer Status(int status) => new(status, 0, null, []);
}
