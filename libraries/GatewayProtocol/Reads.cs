using System.Buffers;
using System.Buffers.Binary;

namespace KvAspire.GatewayProtocol;

/// <summary>
/// A batch of reads: one <c>POST</c> to <see cref="Path"/>. After the number of its token, each read is the key as it stands in the
/// path. The response is <see cref="ReadAnswers"/>.
/// </summary>
public static class ReadRequests
{
    /// <summary>The path at the data service, which the gateway does not route. The number is the format's version.</summary>
    public const string Path = "/internal/reads/1";
}

/// <summary>
/// The response to a batch of reads (<see cref="ReadRequests"/>): for each read, in order, its <see cref="ReadAnswerKind"/> (1 byte).
/// An entry follows with its revision (8 bytes, little-endian), the length of the body (4 bytes) and the body, ready to send.
/// </summary>
public static class ReadAnswers
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/vnd.kvaspire.reads";

    /// <summary>The <c>Cache-Status</c> (RFC 9211) of an answer that the cache had.</summary>
    public const string CacheStatus = "kvaspire; hit";

    /// <summary>
    /// The <c>Cache-Control</c> (RFC 9111) of entries and lists: a client's own cache may store them, and asks before each use.
    /// </summary>
    public const string CacheControl = "private, no-cache";

    /// <summary>The longest response in bytes: more than the cache holds of so many entries.</summary>
    public const int MaxBytes = BatchFormat.MaxRequests * 65 * 1024;

    private const int HeaderLength = 1 + sizeof(long) + sizeof(int);

    /// <summary>The length of an entry's answer in bytes.</summary>
    public static int LengthOf(int body) => HeaderLength + body;

    /// <summary>Writes an answer without an entry.</summary>
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

    /// <summary>Reads up to <paramref name="count"/> answers. A response that is cut short has fewer.</summary>
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

/// <summary>The outcome of one read.</summary>
public enum ReadAnswerKind : byte
{
    /// <summary>The service declines it: the gateway forwards the request alone, and that answer says why.</summary>
    Declined,

    /// <summary>The entry exists.</summary>
    Entry,

    /// <summary>The entry does not exist.</summary>
    None,
}

/// <summary>The answer to one read.</summary>
/// <param name="Kind">The outcome.</param>
/// <param name="Revision">The entry's revision.</param>
/// <param name="Body">The answer's body, as JSON in UTF-8.</param>
public readonly record struct ReadAnswer(ReadAnswerKind Kind, long Revision, ReadOnlyMemory<byte> Body)
{
    /// <summary>The service did not take the read.</summary>
    public static ReadAnswer Declined { get; } = new(ReadAnswerKind.Declined, 0, default);
}
