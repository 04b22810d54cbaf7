using System.Buffers;
using System.Diagnostics;

namespace KvAspire.ServiceDefaults.Batches;

/// <summary>
/// Replacements of entries that a gateway has at the same moment, as one request: <c>POST</c> to <see cref="Path"/>. After the number
/// of its token, each has: whether a key that is not there is created (2 bytes), its W3C trace id (16 bytes), the key as it stands in
/// the path, and the body. The answer is <see cref="PutAnswers"/>.
/// </summary>
public static class PutBatch
{
    /// <summary>Where the data service takes them, on its own port only. The number is the format's.</summary>
    public const string Path = "/internal/writes/1";

    /// <summary>How long a body is at most. A longer one goes by itself.</summary>
    public const int MaxBodyBytes = 4 * 1024;

    private const int TraceIdLength = 16;

    /// <summary>Writes one, but for the number of its token.</summary>
    public static void WriteReplacement(this IBufferWriter<byte> writer, bool upserts, ActivityTraceId trace, ReadOnlySpan<char> key, ReadOnlySpan<byte> body)
    {
        writer.WriteNumber(upserts ? 1 : 0);
        trace.CopyTo(writer.GetSpan(TraceIdLength)[..TraceIdLength]);
        writer.Advance(TraceIdLength);
        writer.WriteText(key);
        writer.WriteBytes(body);
    }

    /// <summary>Reads one, but for the number of its token.</summary>
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
