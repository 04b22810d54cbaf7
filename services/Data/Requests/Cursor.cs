using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace KvAspire.Data.Requests;

/// <summary>
/// Where a page ended, as the client carries it to the next: a mark of the owner and the query that it belongs to, then the
/// position. It is no secret and no permission: whoever invents one gets what a query of his own would have given, or an
/// error. The mark only keeps a cursor from being used where it makes no sense.
/// </summary>
internal static class Cursor
{
    /// <summary>The longest, as text.</summary>
    public const int MaxLength = 1024;

    private const int MarkLength = 8;

    /// <summary>Makes one.</summary>
    /// <param name="position">Where the next page begins.</param>
    /// <param name="query">Owner, kind and parameters of the query.</param>
    public static string Write(string position, params ReadOnlySpan<string?> query)
    {
        var length = Encoding.UTF8.GetByteCount(position);
        Span<byte> bytes = stackalloc byte[MarkLength + length];
        Mark(query, bytes);
        Encoding.UTF8.GetBytes(position, bytes[MarkLength..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads one.</summary>
    /// <returns>The position, or null where it is not one of this query.</returns>
    public static string? Read(string text, params ReadOnlySpan<string?> query)
    {
        if (text.Length > MaxLength || !Base64Url.IsValid(text))
            return null;

        var bytes = Base64Url.DecodeFromChars(text).AsSpan();
        Span<byte> mark = stackalloc byte[MarkLength];
        Mark(query, mark);
        return bytes.Length >= MarkLength && bytes.StartsWith(mark) && System.Text.Unicode.Utf8.IsValid(bytes[MarkLength..])
            ? Encoding.UTF8.GetString(bytes[MarkLength..])
            : null;
    }

    private static void Mark(ReadOnlySpan<string?> query, Span<byte> mark)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in query)
        {
            var bytes = Encoding.UTF8.GetBytes(part ?? "");
            hash.AppendData(BitConverter.GetBytes(part is null ? -1 : bytes.Length)); // so that parts cannot be divided in another way
            hash.AppendData(bytes);
        }

        hash.GetHashAndReset().AsSpan(0, MarkLength).CopyTo(mark);
    }
}
