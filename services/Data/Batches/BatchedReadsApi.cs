using KvAspire.Data.Entries;
using KvAspire.ServiceDefaults.Batches;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Data.Batches;

/// <summary>
/// Answers many reads at once, as far as the cache can and each one's token is known already: one command to Redis for all.
/// On this service's own port only; whatever takes more than that is left to the ordinary request, which the gateway sends
/// then. Nothing is taken on the gateway's word: each read brings its token.
/// </summary>
internal static class BatchedReadsApi
{
    private const string NoBatch = "Invalid request. The body must be a batch of reads.";
    private const int MaxBatchBytes = BatchFormat.MaxRequests * (TokenValidator.MaxTokenLength + BatchFormat.MaxKeyLength + 8);

    /// <summary>Maps it.</summary>
    public static void MapBatchedReads(this IEndpointRouteBuilder routes) => routes.MapPost(ReadBatch.Path, AnswerAsync);

    private static async Task<IResult> AnswerAsync(HttpRequest request, EntryCache cache, TimeProvider time) =>
        await BatchRequest.ReadAsync<EntryId?>(request, MaxBatchBytes, TryRead) is { } reads
            ? new BatchedAnswer(await cache.ReadAsync(reads), time.GetUtcNow())
            : ErrorCatalogue.InvalidRequest.AsResult(NoBatch);

    private static bool TryRead(AccessTokenIdentity? token, ref ReadOnlySpan<byte> rest, out EntryId? read)
    {
        read = null;
        if (!BatchFormat.TryReadBytes(ref rest, out var key))
            return false;

        read = BatchedKey.Of(token, Scopes.Read, key);
        return true;
    }
}
