using System.Buffers;
using System.Text;
using KvAspire.Data.Entries;
using KvAspire.GatewayProtocol;
using KvAspire.TokenChecking;

namespace KvAspire.Data.Batches;

/// <summary>Reads the body of a batch: tokens, then requests that refer to them.</summary>
internal static class BatchBody
{
    /// <summary>Reads one request of a batch.</summary>
    /// <param name="token">The identity of the token; null if this service has not checked it yet, or it is invalid.</param>
    /// <param name="rest">The rest of the batch.</param>
    /// <param name="item">The request.</param>
    /// <returns>False if the batch is truncated.</returns>
    public delegate bool Reader<T>(AccessTokenIdentity? token, ref ReadOnlySpan<byte> rest, out T item);

    /// <summary>Reads the body through pooled memory.</summary>
    /// <returns>The requests; null if the body is no batch.</returns>
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

    /// <summary>The entry of a request; null if the key is invalid, or the token does not grant access to it.</summary>
    public static EntryId? EntryOf(AccessTokenIdentity? token, string scope, ReadOnlySpan<byte> encodedKey)
    {
        if (token is null || !token.Grants(scope) || encodedKey.Length > BatchFormat.MaxKeyLength)
            return null;

        Span<char> text = stackalloc char[encodedKey.Length];
        return Ascii.ToUtf16(encodedKey, text, out _) is OperationStatus.Done && EntryAddress.TryReadPath(text, out var key) && token.Reaches(key)
            ? new EntryId(token.Subject, key)
            : null;
    }

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
