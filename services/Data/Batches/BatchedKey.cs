using System.Buffers;
using System.Text;
using KvAspire.Data.Entries;
using KvAspire.ServiceDefaults.Batches;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Data.Batches;

/// <summary>The entry that a request of a batch is for.</summary>
internal static class BatchedKey
{
    /// <summary>The entry, or null where that is no key, or the token does not grant it.</summary>
    public static EntryId? Of(AccessTokenIdentity? token, string scope, ReadOnlySpan<byte> encodedKey)
    {
        if (token is null || !token.Grants(scope) || encodedKey.Length > BatchFormat.MaxKeyLength)
            return null;

        Span<char> text = stackalloc char[encodedKey.Length];
        return Ascii.ToUtf16(encodedKey, text, out _) is OperationStatus.Done && EntryAddress.TryReadPath(text, out var key) && token.Reaches(key)
            ? new EntryId(token.Subject, key)
            : null;
    }
}
