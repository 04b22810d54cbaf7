using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KvAspire.Data.Entries;

/// <summary>
/// An entry as the cache holds it: 19 digits of revision, a byte for what follows, then the answer's body, ready to send.
/// Images of one entry are ordered by their first 20 bytes: a newer revision comes after an older one, and at one
/// revision whoever knows more comes after a mere <see cref="Marker"/>.
/// </summary>
internal readonly struct EntryImage
{
    /// <summary>The length of the part that images are compared by.</summary>
    public const int HeaderLength = RevisionLength + 1;

    private const int RevisionLength = 19;
    private const byte MarkerKind = (byte)'0';
    private const byte LiveKind = (byte)'1';
    private const byte TombstoneKind = (byte)'2';

    private readonly byte[]? bytes;

    private EntryImage(byte[] bytes) => this.bytes = bytes;

    /// <summary>All of it.</summary>
    public byte[] Bytes => bytes!;

    /// <summary>There is none.</summary>
    public bool IsMissing => bytes is null;

    /// <summary>The entry exists, and <see cref="Body"/> is the answer to a read.</summary>
    public bool IsLive => Kind is LiveKind;

    /// <summary>The entry was deleted.</summary>
    public bool IsTombstone => Kind is TombstoneKind;

    /// <summary>The revision.</summary>
    public long Revision => long.Parse(bytes.AsSpan(0, RevisionLength), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>The body, as JSON in UTF-8.</summary>
    public ReadOnlyMemory<byte> Body => bytes.AsMemory(HeaderLength);

    private byte Kind => bytes is null ? default : bytes[RevisionLength];

    /// <summary>The image of a live entry.</summary>
    public static EntryImage Live(string key, long revision, ReadOnlySpan<byte> value)
    {
        var opening = "{\"status\":\"success\",\"data\":{\"key\":\""u8;
        var name = JsonEncodedText.Encode(key, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
        var middle = "\",\"value\":"u8;
        var closing = "}}"u8;

        var image = new byte[HeaderLength + opening.Length + name.Length + middle.Length + value.Length + closing.Length];
        var rest = image.AsSpan();
        Append(Header(revision, LiveKind), ref rest);
        Append(opening, ref rest);
        Append(name, ref rest);
        Append(middle, ref rest);
        Append(value, ref rest);
        Append(closing, ref rest);
        return new(image);
    }

    /// <summary>The image of a deleted entry.</summary>
    public static EntryImage Tombstone(long revision) => new(Header(revision, TombstoneKind));

    /// <summary>Says that nothing older than this revision may be served, and nothing more: what is true is in Postgres.</summary>
    public static EntryImage Marker(long revision) => new(Header(revision, MarkerKind));

    /// <summary>The image of what Postgres has.</summary>
    public static EntryImage Of(string key, EntryRow row) =>
        row.Value is { } value ? Live(key, row.Revision, value) : Tombstone(row.Revision);

    /// <summary>What the cache returned.</summary>
    public static EntryImage Parse(byte[]? bytes) => bytes?.Length >= HeaderLength ? new(bytes) : default;

    private static byte[] Header(long revision, byte kind) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{revision:D19}{(char)kind}"));

    private static void Append(ReadOnlySpan<byte> part, ref Span<byte> rest)
    {
        part.CopyTo(rest);
        rest = rest[part.Length..];
    }
}
