using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace KvAspire.Paging;

/// <summary>
/// The end of a page, as the client carries it to the next page: a mark of the query, then a position. It is neither a secret nor
/// a permission: a made-up cursor gives what the client's own query would give, or an error. The mark only refuses a cursor of
/// another query.
/// </summary>
public static class Cursor
{
    /// <summary>The most characters.</summary>
    public const int MaxLength = 1024;

    private const int MarkLength = 8;

    /// <summary>Makes a cursor.</summary>
    /// <param name="position">The position where the next page begins.</param>
    /// <param name="query">The kind of the list, then the parameters of the query, and whose list it is.</param>
    public static string Write(string position, params ReadOnlySpan<string?> query)
    {
        Span<byte> bytes = stackalloc byte[MarkLength + Encoding.UTF8.GetByteCount(position)];
        Mark(query, bytes);
        Encoding.UTF8.GetBytes(position, bytes[MarkLength..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads a cursor.</summary>
    /// <returns>The position, or null where it is not a cursor of this query.</returns>
    public static string? Read(string text, params ReadOnlySpan<string?> query)
    {
        if (text.Length > MaxLength || !Base64Url.IsValid(text))
            return null;

        var bytes = Base64Url.DecodeFromChars(text).AsSpan();
        Span<byte> mark = stackalloc byte[MarkLength];
        Mark(query, mark);
        return bytes.Length >= MarkLength && bytes.StartsWith(mark) && Utf8.IsValid(bytes[MarkLength..])
            ? Encoding.UTF8.GetString(bytes[MarkLength..])
            : null;
    }

    private static void Mark(ReadOnlySpan<string?> query, Span<byte> mark)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in query)
        {
            var bytes = Encoding.UTF8.GetBytes(part ?? "");
            hash.AppendData(BitConverter.GetBytes(part is null ? -1 : bytes.Length)); // else "a", "bc" would be "ab", "c"
            hash.AppendData(bytes);
        }

        hash.GetHashAndReset().AsSpan(0, MarkLength).CopyTo(mark);
    }
}
