using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KvAspire.Data.Entries;

/// <summary>
/// An entry as the cache holds it: 19 digits of revision, a byte for what follows, 15 digits of milliseconds since 1970 at
/// which it expires (all 0 for never), then the answer's body, ready to send.
/// </summary>
internal readonly struct EntryImage
{
    /// <summary>The length of revision and kind.</summary>
    public const int HeaderLength = RevisionLength + 1;

    /// <summary>Larger images would hold up everybody's commands on Redis' one thread, and crowd out a thousand small ones.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int RevisionLength = 19;
    private const int ExpiryLength = 15;
    private const int BodyStart = HeaderLength + ExpiryLength;
    private const byte MarkerKind = (byte)'0';
    private const byte LiveKind = (byte)'1';
    private const byte TombstoneKind = (byte)'2';
    private const byte AbsentKind = (byte)'3';
    private const byte LargeKind = (byte)'4';
    private const byte VeilKind = (byte)'V';

    private readonly byte[]? bytes;

    private EntryImage(byte[] bytes) => this.bytes = bytes;

    /// <summary>All of it.</summary>
    public byte[] Bytes => bytes!;

    /// <summary>There is none.</summary>
    public bool IsMissing => bytes is null;

    /// <summary>The entry exists, or did until it expired, and <see cref="Body"/> is the answer to a read.</summary>
    public bool IsLive => Kind is LiveKind;

    /// <summary>The entry was deleted.</summary>
    public bool IsTombstone => Kind is TombstoneKind;

    /// <summary>The entry never was, or not for long.</summary>
    public bool IsAbsent => Kind is AbsentKind;

    /// <summary>Whoever reads it has to read Postgres, and need not wait for anybody who fills: it is too large, or hidden.</summary>
    public bool IsOnlyInDatabase => Kind is LargeKind or VeilKind;

    /// <summary>Whether a read can be answered from it.</summary>
    public bool IsAnswer => Kind is LiveKind or TombstoneKind or AbsentKind;

    /// <summary>The revision.</summary>
    public long Revision => long.Parse(bytes.AsSpan(0, RevisionLength), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Revision and kind.</summary>
    public byte[] Header => Bytes[..HeaderLength];

    /// <summary>The body, as JSON in UTF-8.</summary>
    public ReadOnlyMemory<byte> Body => bytes.AsMemory(BodyStart);

    private byte Kind => bytes is null ? default : bytes[RevisionLength];

    private long ExpiryMilliseconds => long.Parse(bytes.AsSpan(HeaderLength, ExpiryLength), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Whether there is something for the user at this moment.</summary>
    public bool IsLiveAt(DateTimeOffset now) =>
        IsLive && (bytes.AsSpan(HeaderLength, ExpiryLength).IndexOfAnyExcept((byte)'0') < 0 || ExpiryMilliseconds > now.ToUnixTimeMilliseconds());

    /// <summary>The image of a live entry.</summary>
    public static EntryImage Live(string key, long revision, in EntryContent content)
    {
        var opening = "{\"status\":\"success\",\"data\":{\"key\":\""u8;
        var name = JsonEncodedText.Encode(key, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
        var value = "\",\"value\":"u8;
        var metadata = content.Metadata is null ? default : ",\"metadata\":"u8;
        var expiry = content.ExpiresAt is { } moment ? JsonSerializer.SerializeToUtf8Bytes(moment.UtcDateTime) : [];
        var expires = expiry.Length == 0 ? default : ",\"expires_at\":"u8;
        var closing = "}}"u8;

        var image = new byte[BodyStart + opening.Length + name.Length + value.Length + content.Length + metadata.Length
            + expires.Length + expiry.Length + closing.Length];
        var rest = image.AsSpan();
        Append(HeaderOf(revision, LiveKind), ref rest);
        Append(Expiry(content.ExpiresAt), ref rest);
        Append(opening, ref rest);
        Append(name, ref rest);
        Append(value, ref rest);
        Append(content.Value, ref rest);
        Append(metadata, ref rest);
        Append(content.Metadata, ref rest);
        Append(expires, ref rest);
        Append(expiry, ref rest);
        Append(closing, ref rest);
        return new(image);
    }

    /// <summary>The image of a deleted entry.</summary>
    public static EntryImage Tombstone(long revision) => new(HeaderOf(revision, TombstoneKind));

    /// <summary>
    /// Says that there was no such entry when its owner's last change had this revision. One that is created later has a
    /// larger one.
    /// </summary>
    public static EntryImage Absent(long revision) => new(HeaderOf(revision, AbsentKind));

    /// <summary>
    /// Says that nothing older than this revision may be served, and nothing more: what is true is in Postgres. It is told to
    /// the cache, and never stays there.
    /// </summary>
    public static EntryImage Marker(long revision) => new(HeaderOf(revision, MarkerKind));

    /// <summary>The image of what Postgres has.</summary>
    public static EntryImage Of(string key, in EntryRow row) => row switch
    {
        { IsAbsent: true } => Absent(row.Revision),
        { Content.Value: null } => Tombstone(row.Revision),
        _ => Live(key, row.Revision, row.Content),
    };

    /// <summary>What goes into the cache for it: of a large one, only that it is.</summary>
    public byte[] ForCache() => Bytes.Length > MaxBytes ? HeaderOf(Revision, LargeKind) : Bytes;

    /// <summary>What is in <see cref="Body"/>.</summary>
    public EntryContent Content()
    {
        using var body = JsonDocument.Parse(Body, new JsonDocumentOptions { MaxDepth = 1024 });
        var data = body.RootElement.GetProperty("data");
        return new(
            JsonMarshal.GetRawUtf8Value(data.GetProperty("value")).ToArray(),
            data.TryGetProperty("metadata", out var metadata) ? JsonMarshal.GetRawUtf8Value(metadata).ToArray() : null,
            data.TryGetProperty("expires_at", out var expiresAt) ? expiresAt.GetDateTimeOffset() : null);
    }

    /// <summary>What the cache returned.</summary>
    public static EntryImage Parse(byte[]? bytes) => bytes?.Length >= HeaderLength ? new(bytes) : default;

    private static byte[] HeaderOf(long revision, byte kind) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{revision:D19}{(char)kind}"));

    private static byte[] Expiry(DateTimeOffset? moment) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{moment?.ToUnixTimeMilliseconds() ?? 0:D15}"));

    private static void Append(ReadOnlySpan<byte> part, ref Span<byte> rest)
    {
        part.CopyTo(rest);
        rest = rest[part.Length..];
    }
}
