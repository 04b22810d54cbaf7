namespace KvAspire.Data.Writes;

/// <summary>
/// The one door for changes. Those of all users are gathered: an owner's in one lane, so that they never wait for each
/// other's commits in Postgres.
/// </summary>
internal sealed class WritePipeline
{
    private readonly WriteLane[] lanes;

    public WritePipeline(IServiceProvider services, Microsoft.Extensions.Options.IOptions<WriteOptions> options) =>
        lanes = [.. Enumerable.Range(0, options.Value.Lanes).Select(_ => ActivatorUtilities.CreateInstance<WriteLane>(services))];

    /// <summary>Applies a request. Answered once it is committed and the cache knows.</summary>
    /// <exception cref="OutcomeUnknownException">Postgres was lost during the commit.</exception>
    /// <exception cref="WritesOverloadedException">Too many writes wait.</exception>
    /// <exception cref="Idempotency.OnceRefusedException">The request is under way, or was another one.</exception>
    public Task<WriteResult[]> WriteAsync(WriteRequest request)
    {
        // Not cancellable: it may be in a statement with others already, and is stored or not whoever still listens.
        Enqueue([request]);
        return request.Results;
    }

    /// <summary>Takes requests that came together: those of one lane share a commit. Each has its own <see cref="WriteRequest.Results"/>.</summary>
    public void Enqueue(IEnumerable<WriteRequest> requests)
    {
        foreach (var together in requests.GroupBy(LaneOf))
            together.Key.Enqueue(together);
    }

    private WriteLane LaneOf(WriteRequest request) => lanes[WriteBatch.StripeOf(request.Writes[0].Id.Owner) % lanes.Length];
}
