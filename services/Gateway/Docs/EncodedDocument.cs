using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace KvAspire.Gateway.Docs;

/// <summary>
/// A form of a public document: uncompressed, or with a content coding. Each form has its own strong entity tag, since its bytes
/// differ (RFC 9110, section 8.8.3.3). The first request for a form compresses it.
/// </summary>
/// <param name="coding">The content coding; null for the uncompressed document.</param>
/// <param name="encode">Returns the bytes.</param>
internal sealed class EncodedDocument(string? coding, Func<byte[]> encode)
{
    private const string Identity = "identity";

    private readonly Lazy<(byte[] Bytes, EntityTagHeaderValue Tag)> form = new(() =>
    {
        var bytes = encode();
        return (bytes, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}\""));
    });

    public string? Coding => coding;

    public byte[] Bytes => form.Value.Bytes;

    public EntityTagHeaderValue Tag => form.Value.Tag;

    /// <summary>All forms of a document, the smallest first.</summary>
    public static EncodedDocument[] FormsOf(byte[] document) =>
    [
        new("br", () => Compress(document, output => new BrotliStream(output, CompressionLevel.Optimal))),
        new("gzip", () => Compress(document, output => new GZipStream(output, CompressionLevel.SmallestSize))),
        new(null, () => document),
    ];

    /// <summary>
    /// Chooses the form of the highest quality (RFC 9110, section 12.5.3), the smallest of equals. It is the uncompressed form if the
    /// client accepts none.
    /// </summary>
    public static EncodedDocument Choose(EncodedDocument[] forms, StringValues acceptEncoding) =>
        StringWithQualityHeaderValue.TryParseList(acceptEncoding, out var accepted)
        && forms.MaxBy(form => QualityOf(form.Coding, accepted)) is var best && QualityOf(best!.Coding, accepted) > 0
            ? best
            : forms[^1];

    // "*" matches each coding that the header does not name. An unnamed "identity" is acceptable, but no wish.
    private static double QualityOf(string? coding, IList<StringWithQualityHeaderValue> accepted) =>
        (Find(accepted, coding ?? Identity) ?? Find(accepted, "*")) is { } named ? named.Quality ?? 1 : 0;

    private static StringWithQualityHeaderValue? Find(IList<StringWithQualityHeaderValue> accepted, string coding) =>
        accepted.FirstOrDefault(one => one.Value.Equals(coding, StringComparison.OrdinalIgnoreCase));

    private static byte[] Compress(byte[] document, Func<Stream, Stream> compressor)
    {
        using var output = new MemoryStream();
        using (var compressed = compressor(output))
            compressed.Write(document);
        return output.ToArray();
    }
}
