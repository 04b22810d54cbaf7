using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using KvAspire.Paging;
using Microsoft.AspNetCore.Http.Features;

namespace KvAspire.Data.Requests;

/// <summary>
/// The request target as it was sent (RFC 3986). The server's own decoding is lossy: it keeps <c>%2F</c>, removes dot segments,
/// and repairs invalid UTF-8.
/// </summary>
internal readonly ref struct RawTarget
{
    private readonly ReadOnlySpan<char> query;

    private RawTarget(ReadOnlySpan<char> target)
    {
        var mark = target.IndexOf('?');
        Path = mark < 0 ? target : target[..mark];
        query = mark < 0 ? default : target[(mark + 1)..];
    }

    /// <summary>The path, still encoded.</summary>
    public ReadOnlySpan<char> Path { get; }

    public static RawTarget Of(HttpRequest request) =>
        new(OriginForm(request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget));

    /// <summary>Whether the query has a parameter of this name, with or without a value.</summary>
    public bool Has(string name)
    {
        foreach (var range in query.Split('&'))
        {
            var parameter = query[range];
            if (parameter.StartsWith(name) && (parameter.Length == name.Length || parameter[name.Length] is '='))
                return true;
        }

        return false;
    }

    /// <summary>Reads a parameter of the query.</summary>
    /// <param name="name">Its name, unescaped.</param>
    /// <param name="maxBytes">The longest text, in bytes of UTF-8.</param>
    /// <param name="text">The text; null if there is none.</param>
    /// <returns>False if the parameter comes twice, or cannot be decoded exactly.</returns>
    public bool TryRead(string name, int maxBytes, out string? text)
    {
        text = null;
        var found = false;
        foreach (var range in query.Split('&'))
        {
            var parameter = query[range];
            if (!parameter.StartsWith(name) || parameter.Length == name.Length || parameter[name.Length] is not '=')
                continue;
            if (found || !TryDecode(parameter[(name.Length + 1)..], plusIsSpace: true, maxBytes, out text))
                return false; // a repeated parameter is ambiguous

            found = true;
        }

        return true;
    }

    /// <summary>Reads a parameter of the query that is <c>true</c> or <c>false</c>; false by default.</summary>
    public bool TryReadFlag(string name, out bool value)
    {
        value = false;
        return TryRead(name, maxBytes: 5, out var text) && (text is null || (text is "true" or "false" && bool.TryParse(text, out value)));
    }

    /// <summary>Reads the parameter <c>limit</c>.</summary>
    public bool TryReadLimit(out int limit)
    {
        limit = PageLimit.Default;
        return TryRead("limit", maxBytes: 4, out var text) && PageLimit.TryParse(text, out limit);
    }

    /// <summary>Decodes percent-encoded UTF-8, or fails if it is not exact.</summary>
    public static bool TryDecode(ReadOnlySpan<char> encoded, bool plusIsSpace, int maxBytes, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (encoded.Length > 3 * maxBytes) // even if every byte is escaped
            return false;

        Span<byte> bytes = stackalloc byte[encoded.Length];
        var count = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            var c = encoded[i];
            if (c is '%' && i + 2 < encoded.Length && byte.TryParse(encoded.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, null, out bytes[count]))
                i += 2;
            else if (c is not '%' && char.IsAscii(c))
                bytes[count] = c is '+' && plusIsSpace ? (byte)' ' : (byte)c;
            else
                return false;

            count++;
        }

        if (count <= maxBytes && Utf8.IsValid(bytes[..count]))
            text = Encoding.UTF8.GetString(bytes[..count]);
        return text is not null;
    }

    // The target may be a whole URL (RFC 9112, section 3.2.2).
    private static ReadOnlySpan<char> OriginForm(ReadOnlySpan<char> target)
    {
        var authority = target.StartsWith('/') ? -1 : target.IndexOf("://");
        if (authority < 0)
            return target;

        var rest = target[(authority + 3)..];
        var path = rest.IndexOf('/');
        return path < 0 ? "" : rest[path..];
    }
}
