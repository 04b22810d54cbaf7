using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace KvAspire.GatewayProtocol;

/// <summary>
/// A batch of replacements: one <c>POST</c> to <see cref="Path"/>. After the number of its token, each has: whether it creates a key
/// that does not exist (2 bytes), its W3C trace id (16 bytes), the key as it stands in the path, and the body. The response is
/// <see cref="WriteAnswers"/>.
/// </summary>
public static class WriteRequests
{
    /// <summary>The path at the data service, which the gateway does not route. The number is the format's version.</summary>
    public const string Path = "/internal/writes/1";

    /// <summary>The longest body in bytes. A longer one is forwarded alone.</summary>
    public const int MaxBodyBytes = 4 * 1024;

    private const int TraceIdLength = 16;

    /// <summary>Writes one replacement, after the number of its token.</summary>
    public static void WriteReplacement(this IBufferWriter<byte> writer, bool upserts, ActivityTraceId trace, ReadOnlySpan<char> key, ReadOnlySpan<byte> body)
    {
        writer.WriteNumber(upserts ? 1 : 0);
        trace.CopyTo(writer.GetSpan(TraceIdLength)[..TraceIdLength]);
        writer.Advance(TraceIdLength);
        writer.WriteText(key);
        writer.WriteBytes(body);
    }

    /// <summary>Reads one replacement, after the number of its token.</summary>
    /// <returns>False where the batch ends before.</returns>
    public static bool TryRead(ref ReadOnlySpan<byte> rest, out bool upserts, out ActivityTraceId trace, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> body)
    {
        upserts = false;
        trace = default;
        key = body = default;
        if (!BatchFormat.TryReadNumber(ref rest, out var flag) || !BatchFormat.TryTake(ref rest, TraceIdLength, out var id)
            || !BatchFormat.TryReadBytes(ref rest, out key) || !BatchFormat.TryReadBytes(ref rest, out body))
            return false;

        (upserts, trace) = (flag == 1, ActivityTraceId.CreateFromBytes(id));
        return true;
    }
}

/// <summary>
/// The response to a batch of writes (<see cref="WriteRequests"/>): for each write, in order, the status (2 bytes), the revision
/// (8 bytes), the location of a created entry, and the body. A refused write has the error's code in place of the body.
/// </summary>
public static class WriteAnswers
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/vnd.kvaspire.writes";

    /// <summary>The longest response in bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Writes one answer.</summary>
    public static void WriteAnswer(this IBufferWriter<byte> writer, int status, long revision, string? location, ReadOnlySpan<byte> body)
    {
        writer.WriteNumber(status);
        writer.WriteLong(revision);
        writer.WriteText(location);
        writer.WriteBytes(body);
    }

    /// <summary>Reads up to <paramref name="count"/> answers. A response that is cut short has fewer.</summary>
    public static IReadOnlyList<WriteAnswer> Read(ReadOnlySpan<byte> bytes, int count)
    {
        var answers = new List<WriteAnswer>(count);
        while (answers.Count < count
            && BatchFormat.TryReadNumber(ref bytes, out var status) && BatchFormat.TryReadLong(ref bytes, out var revision)
            && BatchFormat.TryReadBytes(ref bytes, out var location) && BatchFormat.TryReadBytes(ref bytes, out var body))
            answers.Add(new(status, revision, location.IsEmpty ? null : Encoding.ASCII.GetString(location), body.ToArray()));
        return answers;
    }
}

/// <summary>The outcome of one write.</summary>
/// <param name="Status">The HTTP status; 0 where the service declined the write (<see cref="Declined"/>).</param>
/// <param name="Revision">The entry's new revision.</param>
/// <param name="Location">The path of the created entry.</param>
/// <param name="Body">The body, or the error's code.</param>
public readonly record struct WriteAnswer(int Status, long Revision, string? Location, byte[] Body)
{
    /// <summary>The service did not try the write: the gateway forwards the request alone, and that answer says why.</summary>
    public static WriteAnswer Declined { get; } = new(0, 0, null, []);

    /// <summary>Whether it is <see cref="Declined"/>.</summary>
    public bool IsDeclined => Status == 0;
}
