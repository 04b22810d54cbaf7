using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace KvAspire.GatewayProtocol;

/// <summary>
/// The encoding of batches: little-endian numbers, and texts with their length in front (2 bytes). A batch begins with the count
/// of tokens and each token. The count of requests follows; each request begins with the number of its token.
/// </summary>
public static class BatchFormat
{
    /// <summary>The most requests in one batch.</summary>
    public const int MaxRequests = 64;

    /// <summary>The longest key in a path, in characters: 512 bytes, each percent-encoded.</summary>
    public const int MaxKeyLength = 3 * 512;

    /// <summary>Writes a number.</summary>
    public static void WriteNumber(this IBufferWriter<byte> writer, int number)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(writer.GetSpan(sizeof(ushort)), (ushort)number);
        writer.Advance(sizeof(ushort));
    }

    /// <summary>Writes a number of 64 bits.</summary>
    public static void WriteLong(this IBufferWriter<byte> writer, long number)
    {
        BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(sizeof(long)), number);
        writer.Advance(sizeof(long));
    }

    /// <summary>Writes a text of ASCII with its length.</summary>
    public static void WriteText(this IBufferWriter<byte> writer, ReadOnlySpan<char> text)
    {
        writer.WriteNumber(text.Length);
        Encoding.ASCII.GetBytes(text, writer.GetSpan(text.Length));
        writer.Advance(text.Length);
    }

    /// <summary>Writes bytes with their length.</summary>
    public static void WriteBytes(this IBufferWriter<byte> writer, ReadOnlySpan<byte> bytes)
    {
        writer.WriteNumber(bytes.Length);
        writer.Write(bytes);
    }

    /// <summary>Reads a number.</summary>
    /// <returns>False where the batch ends before.</returns>
    public static bool TryReadNumber(ref ReadOnlySpan<byte> rest, out int number)
    {
        number = 0;
        if (!BinaryPrimitives.TryReadUInt16LittleEndian(rest, out var read))
            return false;

        number = read;
        rest = rest[sizeof(ushort)..];
        return true;
    }

    /// <summary>Reads a number of 64 bits.</summary>
    /// <inheritdoc cref="TryReadNumber" path="/returns"/>
    public static bool TryReadLong(ref ReadOnlySpan<byte> rest, out long number)
    {
        if (!BinaryPrimitives.TryReadInt64LittleEndian(rest, out number))
            return false;

        rest = rest[sizeof(long)..];
        return true;
    }

    /// <summary>Reads a text, or bytes, with their length.</summary>
    /// <inheritdoc cref="TryReadNumber" path="/returns"/>
    public static bool TryReadBytes(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return TryReadNumber(ref rest, out var length) && TryTake(ref rest, length, out bytes);
    }

    /// <summary>Reads <paramref name="length"/> bytes.</summary>
    /// <inheritdoc cref="TryReadNumber" path="/returns"/>
    public static bool TryTake(ref ReadOnlySpan<byte> rest, int length, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (length > rest.Length)
            return false;

        bytes = rest[..length];
        rest = rest[length..];
        return true;
    }
}
