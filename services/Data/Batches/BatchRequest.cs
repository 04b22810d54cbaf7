using System.Buffers;
using KvAspire.ServiceDefaults.Batches;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Data.Batches;

/// <summary>The body of a batch, and who sends what is in it.</summary>
internal static class BatchRequest
{
    /// <summary>Reads the body into pooled memory, and what it says.</summary>
    /// <returns>Null where it is no batch.</returns>
    public static async Task<T[]?> ReadAsync<T>(HttpRequest request, int maxBytes, Reader<T> reader)
    {
        if (request.ContentLength is not (> 0 and { } length) || length > maxBytes)
            return null;

        var buffer = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            await request.Body.ReadExactlyAsync(buffer.AsMemory(0, (int)length), request.HttpContext.RequestAborted);
            return Read(buffer.AsSpan(0, (int)length), request.HttpContext.RequestServices.GetRequiredService<CheckedTokens>(), reader);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads one of its requests.</summary>
    /// <param name="token">What the token says; null where this service has not checked it before, or it has ended.</param>
    /// <param name="rest">The rest of the batch.</param>
    /// <param name="item">The request.</param>
    /// <returns>False where the batch ends before.</returns>
    public delegate bool Reader<T>(AccessTokenIdentity? token, ref ReadOnlySpan<byte> rest, out T item);

    private static T[]? Read<T>(ReadOnlySpan<byte> batch, CheckedTokens tokens, Reader<T> reader)
    {
        if (!BatchFormat.TryReadNumber(ref batch, out var tokenCount) || tokenCount > BatchFormat.MaxRequests)
            return null;

        var identities = new AccessTokenIdentity?[tokenCount];
        for (var i = 0; i < tokenCount; i++)
        {
            if (!BatchFormat.TryReadBytes(ref batch, out var token))
                return null;
            identities[i] = tokens.FindIdentity(token);
        }

        if (!BatchFormat.TryReadNumber(ref batch, out var count) || count > BatchFormat.MaxRequests)
            return null;

        var items = new T[count];
        for (var i = 0; i < count; i++)
        {
            if (!BatchFormat.TryReadNumber(ref batch, out var number) || number >= tokenCount || !reader(identities[number], ref batch, out items[i]))
                return null;
        }

        return batch.IsEmpty ? items : null;
    }
}
