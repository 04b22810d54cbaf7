using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace KvAspire.Gateway.Docs;

/// <summary>
/// One form of a public document: as it is, or compressed. Each has a strong entity tag of its own, since its bytes are others
/// (RFC 9110, section 8.8.3.3). It is compressed once, when the first client asks for it.
/// </summary>
/// <param name="coding">The content coding; null for the document as it is.</param>
/// <param name="encode">Compresses it.</param>
internal sealed class EncodedDocument(string? coding, Func<byte[]> encode)
{
    private readonly Lazy<(byte[] Bytes, EntityTagHeaderValue Tag)> form = new(() =>
    {
        var bytes = encode();
        return (bytes, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}\""));
    });

    /// <summary>The content coding; null for the document as it is.</summary>
    public string? Coding => coding;

    /// <summary>What is sent.</summary>
    public byte[] Bytes => form.Value.Bytes;

    /// <summary>Its entity tag.</summary>
    public EntityTagHeaderValue Tag => form.Value.Tag;

    /// <summary>All forms of a document, the smallest first, as it is the last.</summary>
    public static EncodedDocument[] FormsOf(byte[] document) =>
    [
        new("br", () => Compress(document, output => new BrotliStream(output, CompressionLevel.Optimal))),
        new("gzip", () => Compress(document, output => new GZipStream(output, CompressionLevel.SmallestSize))),
        new(null, () => document),
    ];

    /// <summary>The first form that a client takes (RFC 9110, section 12.5.3), the last where it takes none.</summary>
    public static EncodedDocument Choose(EncodedDocument[] forms, StringValues acceptEncoding)
    {
        if (!StringWithQualityHeaderValue.TryParseList(acceptEncoding, out var accepted))
            return forms[^1];

        return Array.Find(forms, form => form.Coding is { } coding && Takes(accepted, coding)) ?? forms[^1];
    }

    // A coding that is named counts for itself, * for the others.
    private static bool Takes(IList<StringWithQualityHeaderValue> accepted, string coding) =>
        (Find(accepted, coding) ?? Find(accepted, "*")) is { Quality: not 0 };

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
