using System.Buffers;
using System.Buffers.Binary;

namespace KvAspire.ServiceDefaults.Batches;

/// <summary>
/// The answer to a <see cref="ReadBatch"/>: for each read, in order, a byte that says what there is, and of an entry its
/// revision (8 bytes, little-endian), the length of the body (4 bytes) and the body, ready to send.
/// </summary>
public static class ReadAnswers
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/vnd.kvaspire.reads";

    /// <summary>What is said of how the cache took part (RFC 9211) where it had the answer.</summary>
    public const string CacheStatus = "kvaspire; hit";

    /// <summary>How long an answer is at most: more than the cache holds of so many entries.</summary>
    public const int MaxBytes = BatchFormat.MaxRequests * 65 * 1024;

    private const int HeaderLength = 1 + sizeof(long) + sizeof(int);

    /// <summary>How many bytes an entry takes.</summary>
    public static int LengthOf(int body) => HeaderLength + body;

    /// <summary>Writes what is no entry.</summary>
    public static void Write(this IBufferWriter<byte> writer, ReadAnswerKind kind)
    {
        writer.GetSpan(1)[0] = (byte)kind;
        writer.Advance(1);
    }

    /// <summary>Writes an entry.</summary>
    public static void WriteEntry(this IBufferWriter<byte> writer, long revision, ReadOnlySpan<byte> body)
    {
        var part = writer.GetSpan(LengthOf(body.Length));
        part[0] = (byte)ReadAnswerKind.Entry;
        BinaryPrimitives.WriteInt64LittleEndian(part[1..], revision);
        BinaryPrimitives.WriteInt32LittleEndian(part[(1 + sizeof(long))..], body.Length);
        body.CopyTo(part[HeaderLength..]);
        writer.Advance(LengthOf(body.Length));
    }

    /// <summary>Reads so many answers, or as many as there are.</summary>
    public static IReadOnlyList<ReadAnswer> Read(ReadOnlySpan<byte> bytes, int count)
    {
        var answers = new List<ReadAnswer>(count);
        while (answers.Count < count && TryRead(ref bytes, out var answer))
            answers.Add(answer);
        return answers;
    }

    private static bool TryRead(ref ReadOnlySpan<byte> rest, out ReadAnswer answer)
    {
        answer = default;
        if (rest.IsEmpty)
            return false;

        var kind = (ReadAnswerKind)rest[0];
        if (kind is not ReadAnswerKind.Entry)
        {
            answer = new(kind, 0, default);
            rest = rest[1..];
            return true;
        }

        if (rest.Length < HeaderLength)
            return false;

        var revision = BinaryPrimitives.ReadInt64LittleEndian(rest[1..]);
        var length = BinaryPrimitives.ReadInt32LittleEndian(rest[(1 + sizeof(long))..]);
        if (length < 0 || length > rest.Length - HeaderLength)
            return false;

        answer = new(kind, revision, rest.Slice(HeaderLength, length).ToArray());
        rest = rest[(HeaderLength + length)..];
        return true;
    }
}

/// <summary>What became of one read.</summary>
public enum ReadAnswerKind : byte
{
    /// <summary>It cannot be answered this way: it is to be asked for in the ordinary way, which tells why.</summary>
    Elsewhere,

    /// <summary>There is an entry.</summary>
    Entry,

    /// <summary>There is none.</summary>
    None,
}

/// <summary>The answer to one read.</summary>
/// <param name="Kind">What there is.</param>
/// <param name="Revision">The entry's revision.</param>
/// <param name="Body">The answer's body, as JSON in UTF-8.</param>
public readonly record struct ReadAnswer(ReadAnswerKind Kind, long Revision, ReadOnlyMemory<byte> Body);
