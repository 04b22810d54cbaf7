using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using KvAspire.Data.Entries;

namespace KvAspire.Data.Cache;

/// <summary>
/// An entry as the cache holds it: 19 digits of revision, a byte for the kind, 15 digits for the expiry in milliseconds since
/// 1970 (all 0 for never), then the body of the answer, ready to send.
/// </summary>
internal readonly struct EntryImage
{
    /// <summary>The length of revision and kind.</summary>
    public const int HeaderLength = RevisionLength + 1;

    /// <summary>Larger images would block Redis' single thread, and evict a thousand small ones each.</summary>
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

    public byte[] Bytes => bytes!;
    public bool IsMissing => bytes is null;

    /// <summary>The entry exists, or did until it expired. <see cref="Body"/> is the answer to a read.</summary>
    public bool IsLive => Kind is LiveKind;

    /// <summary>There was no row for the entry.</summary>
    public bool IsAbsent => Kind is AbsentKind;

    /// <summary>Readers have to read Postgres without waiting for a fill: the entry is too large, or veiled.</summary>
    public bool IsOnlyInDatabase => Kind is LargeKind or VeilKind;

    /// <summary>Whether a read can be answered from the image.</summary>
    public bool IsAnswer => Kind is LiveKind or TombstoneKind or AbsentKind;

    public long Revision => long.Parse(bytes.AsSpan(0, RevisionLength), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Revision and kind.</summary>
    public byte[] Header => Bytes[..HeaderLength];

    /// <summary>The body of the answer, as JSON in UTF-8.</summary>
    public ReadOnlyMemory<byte> Body => bytes.AsMemory(BodyStart);

    private byte Kind => bytes is null ? default : bytes[RevisionLength];

    private long ExpiryMilliseconds => long.Parse(bytes.AsSpan(HeaderLength, ExpiryLength), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Whether the entry exists at this time.</summary>
    public bool IsLiveAt(DateTimeOffset now) =>
        IsLive && (bytes.AsSpan(HeaderLength, ExpiryLength).IndexOfAnyExcept((byte)'0') < 0 || ExpiryMilliseconds > now.ToUnixTimeMilliseconds());

    public static EntryImage Live(string key, long revision, in EntryContent content)
    {
        var opening = "{\"status\":\"success\",\"data\":{\"key\":\""u8;
        var name = JsonEncodedText.Encode(key, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
        var value = "\",\"value\":"u8;
        var metadata = content.Metadata is null ? default : ",\"metadata\":"u8;
        var expiry = content.ExpiresAt is { } moment ? JsonSerializer.SerializeToUtf8Bytes(moment.UtcDateTime) : [];
        var expires = expiry.Length == 0 ? default : ",\"expires_at\":"u8;
        var closing = "}}"u8;

        return new(
        [
            .. HeaderOf(revision, LiveKind), .. Expiry(content.ExpiresAt), .. opening, .. name, .. value, .. content.Value ?? [],
            .. metadata, .. content.Metadata ?? [], .. expires, .. expiry, .. closing,
        ]);
    }

    public static EntryImage Tombstone(long revision) => new(HeaderOf(revision, TombstoneKind));

    /// <summary>
    /// An image that says: there was no row when the owner's last change had this revision. A later creation has a larger
    /// revision.
    /// </summary>
    public static EntryImage Absent(long revision) => new(HeaderOf(revision, AbsentKind));

    /// <summary>An image that says only: an older revision must not be served. The scripts never store it.</summary>
    public static EntryImage Marker(long revision) => new(HeaderOf(revision, MarkerKind));

    /// <summary>Creates the image of a row.</summary>
    public static EntryImage Of(string key, in EntryRow row) => row switch
    {
        { IsAbsent: true } => Absent(row.Revision),
        { Content.Value: null } => Tombstone(row.Revision),
        _ => Live(key, row.Revision, row.Content),
    };

    /// <summary>The bytes to store in the cache: of a large image only the header.</summary>
    public byte[] ForCache() => Bytes.Length > MaxBytes ? HeaderOf(Revision, LargeKind) : Bytes;

    /// <summary>The content of <see cref="Body"/>.</summary>
    public EntryContent Content()
    {
        using var body = JsonDocument.Parse(Body, new JsonDocumentOptions { MaxDepth = 1024 });
        var data = body.RootElement.GetProperty("data");
        return new(
            JsonMarshal.GetRawUtf8Value(data.GetProperty("value")).ToArray(),
            data.TryGetProperty("metadata", out var metadata) ? JsonMarshal.GetRawUtf8Value(metadata).ToArray() : null,
            data.TryGetProperty("expires_at", out var expiresAt) ? expiresAt.GetDateTimeOffset() : null);
    }

    public static EntryImage Parse(byte[]? bytes) => bytes?.Length >= HeaderLength ? new(bytes) : default;

    private static byte[] HeaderOf(long revision, byte kind) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{revision:D19}{(char)kind}"));

    private static byte[] Expiry(DateTimeOffset? moment) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{moment?.ToUnixTimeMilliseconds() ?? 0:D15}"));
}
