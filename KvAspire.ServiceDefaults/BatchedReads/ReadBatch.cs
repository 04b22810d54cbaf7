using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace KvAspire.ServiceDefaults.BatchedReads;

/// <summary>
/// Reads of entries that a gateway has at the same moment, as one request: <c>POST</c> to <see cref="Path"/>. All numbers are
/// little-endian. First the count of tokens (2 bytes) and each token (2 bytes of length, then its text), then the count of
/// reads (2 bytes) and each read: the number of its token (2 bytes), the length of its key (2 bytes), and the key as it stands
/// in the path. The answer is <see cref="ReadAnswers"/>.
/// </summary>
public static class ReadBatch
{
    /// <summary>Where the data service takes them, on its own port only. The number is the format's.</summary>
    public const string Path = "/internal/reads/1";

    /// <summary>How many reads there are in one at most.</summary>
    public const int MaxReads = 64;

    /// <summary>How long a key is in the path at most: 512 bytes, each of them escaped.</summary>
    public const int MaxKeyLength = 3 * 512;

    /// <summary>Writes the count of what follows.</summary>
    public static void WriteCount(this IBufferWriter<byte> writer, int count)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(writer.GetSpan(sizeof(ushort)), (ushort)count);
        writer.Advance(sizeof(ushort));
    }

    /// <summary>Writes a text of ASCII with its length.</summary>
    public static void WriteText(this IBufferWriter<byte> writer, ReadOnlySpan<char> text)
    {
        var part = writer.GetSpan(sizeof(ushort) + text.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(part, (ushort)text.Length);
        Encoding.ASCII.GetBytes(text, part[sizeof(ushort)..]);
        writer.Advance(sizeof(ushort) + text.Length);
    }

    /// <summary>Reads a count.</summary>
    /// <returns>False where the batch ends before.</returns>
    public static bool TryReadCount(ref ReadOnlySpan<byte> rest, out int count)
    {
        if (!BinaryPrimitives.TryReadUInt16LittleEndian(rest, out var number))
        {
            count = 0;
            return false;
        }

        rest = rest[sizeof(ushort)..];
        count = number;
        return true;
    }

    /// <summary>Reads a text with its length.</summary>
    /// <inheritdoc cref="TryReadCount" path="/returns"/>
    public static bool TryReadText(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!TryReadCount(ref rest, out var length) || length > rest.Length)
            return false;

        text = rest[..length];
        rest = rest[length..];
        return true;
    }
}
