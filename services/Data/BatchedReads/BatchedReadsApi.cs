using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using KvAspire.Data.Entries;
using KvAspire.ServiceDefaults.BatchedReads;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Data.BatchedReads;

/// <summary>
/// Answers many reads at once, as far as the cache can and each one's token is known already: one command to Redis for all.
/// On this service's own port only; whatever takes more than that is left to the ordinary request, which the gateway sends
/// then. Nothing is taken on the gateway's word: each read brings its token.
/// </summary>
internal static class BatchedReadsApi
{
    private const string NoBatch = "Invalid request. The body must be a batch of reads.";
    private const int MaxBatchBytes = ReadBatch.MaxReads * (TokenValidator.MaxTokenLength + ReadBatch.MaxKeyLength + 8);

    /// <summary>Maps it.</summary>
    public static void MapBatchedReads(this IEndpointRouteBuilder routes) => routes.MapPost(ReadBatch.Path, AnswerAsync);

    private static async Task<IResult> AnswerAsync(HttpContext http, CheckedTokens tokens, EntryCache cache, TimeProvider time)
    {
        if (http.Request.ContentLength is not (> 0 and <= MaxBatchBytes and var length))
            return ErrorCatalogue.InvalidRequest.AsResult(NoBatch);

        var batch = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            var bytes = batch.AsMemory(0, (int)length);
            await http.Request.Body.ReadExactlyAsync(bytes, http.RequestAborted);
            if (!TryRead(bytes.Span, tokens, out var reads))
                return ErrorCatalogue.InvalidRequest.AsResult(NoBatch);

            var found = await cache.ReadAsync(reads);
            return new BatchedAnswer(found, time.GetUtcNow());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(batch);
        }
    }

    private static bool TryRead(ReadOnlySpan<byte> batch, CheckedTokens tokens, [NotNullWhen(true)] out EntryId?[]? reads)
    {
        reads = null;
        if (!ReadBatch.TryReadCount(ref batch, out var tokenCount) || tokenCount > ReadBatch.MaxReads)
            return false;

        var identities = new AccessTokenIdentity?[tokenCount];
        for (var i = 0; i < tokenCount; i++)
        {
            if (!ReadBatch.TryReadText(ref batch, out var token))
                return false;
            identities[i] = tokens.FindIdentity(token);
        }

        if (!ReadBatch.TryReadCount(ref batch, out var count) || count > ReadBatch.MaxReads)
            return false;

        var all = new EntryId?[count];
        for (var i = 0; i < count; i++)
        {
            if (!ReadBatch.TryReadCount(ref batch, out var number) || number >= tokenCount || !ReadBatch.TryReadText(ref batch, out var key))
                return false;
            all[i] = Permitted(identities[number], key);
        }

        reads = all;
        return batch.IsEmpty;
    }

    private static EntryId? Permitted(AccessTokenIdentity? token, ReadOnlySpan<byte> encodedKey)
    {
        if (token is null || !token.Grants(Scopes.Read) || encodedKey.Length > ReadBatch.MaxKeyLength)
            return null;

        Span<char> text = stackalloc char[encodedKey.Length];
        return Ascii.ToUtf16(encodedKey, text, out _) is OperationStatus.Done && EntryAddress.TryReadPath(text, out var key) && token.Reaches(key)
            ? new EntryId(token.Subject, key)
            : null;
    }
}
