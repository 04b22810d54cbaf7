using Microsoft.Net.Http.Headers;

namespace KvAspire.ServiceDefaults.Requests;

/// <summary>
/// The media types of JSON bodies: <c>application/json</c> or a type with the suffix <c>+json</c> (RFC 6839), in UTF-8.
/// </summary>
public static class JsonMediaType
{
    private const string Plain = "application/json", WithCharset = "application/json; charset=utf-8";

    /// <summary>Whether a <c>Content-Type</c> announces JSON in UTF-8.</summary>
    public static bool Matches(string? contentType) =>
        contentType is Plain or WithCharset // nearly all requests: no allocation
        || (MediaTypeHeaderValue.TryParse(contentType, out var type) && IsJson(type) && IsUtf8(type));

    // No charset means UTF-8 (RFC 8259, section 8.1). The value may be quoted, in any case (RFC 9110, section 8.3.2).
    private static bool IsUtf8(MediaTypeHeaderValue type) =>
        !type.Charset.HasValue
        || (HeaderUtilities.RemoveQuotes(type.Charset) is var charset
            && (charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
                || charset.Equals("utf8", StringComparison.OrdinalIgnoreCase)));

    private static bool IsJson(MediaTypeHeaderValue type) =>
        type.MediaType.Equals(Plain, StringComparison.OrdinalIgnoreCase)
        || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);
}
