using System.Buffers;
using System.Text;

namespace KvAspire.ServiceDefaults.Batches;

/// <summary>
/// The answer to a <see cref="PutBatch"/>: for each write, in order, the status (2 bytes), the revision (8 bytes), the address of
/// what was created, and the body; where it was refused in place of the body the error's code.
/// </summary>
public static class PutAnswers
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/vnd.kvaspire.writes";

    /// <summary>How long an answer is at most.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Writes one.</summary>
    public static void WriteAnswer(this IBufferWriter<byte> writer, int status, long revision, string? location, ReadOnlySpan<byte> body)
    {
        writer.WriteNumber(status);
        writer.WriteLong(revision);
        writer.WriteText(location);
        writer.WriteBytes(body);
    }

    /// <summary>Reads so many answers, or as many as there are.</summary>
    public static IReadOnlyList<PutAnswer> Read(ReadOnlySpan<byte> bytes, int count)
    {
        var answers = new List<PutAnswer>(count);
        while (answers.Count < count
            && BatchFormat.TryReadNumber(ref bytes, out var status) && BatchFormat.TryReadLong(ref bytes, out var revision)
            && BatchFormat.TryReadBytes(ref bytes, out var location) && BatchFormat.TryReadBytes(ref bytes, out var body))
            answers.Add(new(status, revision, location.IsEmpty ? null : Encoding.ASCII.GetString(location), body.ToArray()));
        return answers;
    }
}

/// <summary>What became of one write.</summary>
/// <param name="Status">The status; 0 where it was not tried, and is to be sent in the ordinary way, which tells why.</param>
/// <param name="Revision">The entry's new revision.</param>
/// <param name="Location">The address of what was created.</param>
/// <param name="Body">The answer's body, or the code of the error.</param>
public readonly record struct PutAnswer(int Status, long Revision, string? Location, byte[] Body)
{
    /// <summary>It was not tried.</summary>
    public static PutAnswer Elsewhere => default;
}
