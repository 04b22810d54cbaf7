namespace KvAspire.Gateway.Batches;

/// <summary>How requests of a kind are batched.</summary>
/// <typeparam name="TAnswer">What each is answered. Its default says that it is to be sent in the ordinary way.</typeparam>
internal abstract class BatchKind<TAnswer>
{
    /// <summary>Where batches go.</summary>
    public abstract string Path { get; }

    /// <summary>How many batches are on their way to a replica at once.</summary>
    public abstract int MaxRunning { get; }

    /// <summary>How long to wait for an answer.</summary>
    public abstract TimeSpan Patience { get; }

    /// <summary>What a request is answered of which an answer says nothing.</summary>
    public virtual TAnswer Unanswered => default!;

    /// <summary>The media type of answers.</summary>
    protected abstract string ContentType { get; }

    /// <summary>How long an answer is at most.</summary>
    protected abstract int MaxBytes { get; }

    /// <summary>Whether a response has answers in it.</summary>
    public bool IsAnswer(HttpResponseMessage response) =>
        response.IsSuccessStatusCode && response.Content.Headers is { ContentType.MediaType: var type, ContentLength: { } length }
        && type == ContentType && length <= MaxBytes;

    /// <summary>Reads so many answers, or as many as there are.</summary>
    public abstract IReadOnlyList<TAnswer> Read(ReadOnlySpan<byte> bytes, int count);

    /// <summary>What the requests of a batch are answered that got another status.</summary>
    public virtual TAnswer Refused(int status) => default!;

    /// <summary>What the requests of a batch are answered that failed.</summary>
    public virtual TAnswer Failed(Exception exception) => default!;
}
