using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;

namespace KvAspire.Data.Entries;

/// <summary>
/// Where an entry is found: <c>/api/data/{key}</c>, or <c>/api/data?key=…</c> for a key that a path cannot carry unchanged.
/// Keys are decoded from the request target as it was sent (RFC 3986), since the server's own decoding is lossy: it keeps
/// <c>%2F</c>, drops dot segments, and repairs what is no UTF-8. What cannot be decoded exactly is no key.
/// </summary>
internal static class EntryAddress
{
    /// <summary>The collection.</summary>
    public const string Base = "/api/data";

    private const string KeyParameter = "key=";

    // Every byte of the longest key, escaped.
    private const int MaxEncodedLength = 3 * EntryKey.MaxBytes;

    /// <summary>The address of a key, relative to the server.</summary>
    public static string Of(string key) => FitsPath(key)
        ? $"{Base}/{string.Join('/', key.Split('/').Select(Uri.EscapeDataString))}"
        : $"{Base}?{KeyParameter}{Uri.EscapeDataString(key)}";

    /// <summary>Reads the key that a request is for.</summary>
    public static bool TryReadKey(HttpRequest request, [NotNullWhen(true)] out string? key)
    {
        var target = OriginForm(request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        key = null;

        if (!path.StartsWith(Base, StringComparison.OrdinalIgnoreCase))
            return false; // dot segments led here

        var decoded = path[Base.Length..] is "" or "/"
            ? query >= 0 && TryFindKey(target[(query + 1)..], out var parameter) && TryDecode(parameter, plusIsSpace: true, out key)
            : TryDecode(path[(Base.Length + 1)..], plusIsSpace: false, out key) && FitsPath(key);
        return decoded && EntryKey.IsValid(key);
    }

    // A proxy may name the whole URL (RFC 9112, section 3.2.2).
    private static ReadOnlySpan<char> OriginForm(ReadOnlySpan<char> target)
    {
        var authority = target.StartsWith('/') ? -1 : target.IndexOf("://");
        if (authority < 0)
            return target;

        var rest = target[(authority + 3)..];
        var path = rest.IndexOf('/');
        return path < 0 ? "" : rest[path..];
    }

    private static bool TryFindKey(ReadOnlySpan<char> query, out ReadOnlySpan<char> value)
    {
        var found = 0;
        value = default;
        foreach (var range in query.Split('&'))
        {
            var parameter = query[range];
            if (!parameter.StartsWith(KeyParameter))
                continue;

            value = parameter[KeyParameter.Length..];
            found++;
        }

        return found == 1; // of two, neither is the one
    }

    private static bool TryDecode(ReadOnlySpan<char> encoded, bool plusIsSpace, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (encoded.Length > MaxEncodedLength)
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

        if (Utf8.IsValid(bytes[..count]))
            text = Encoding.UTF8.GetString(bytes[..count]);
        return text is not null;
    }

    // Between a client and us, parsers of URLs and proxies drop dot segments, merge slashes and decode or double an escaped
    // slash. Only a key that none of them would change is taken from a path.
    private static bool FitsPath(ReadOnlySpan<char> key)
    {
        if (key.Contains("%2F", StringComparison.OrdinalIgnoreCase))
            return false;

        var folders = key.EndsWith('/') ? key[..^1] : key;
        foreach (var range in folders.Split('/'))
        {
            if (folders[range] is "" or "." or "..")
                return false;
        }

        return true;
    }
}
