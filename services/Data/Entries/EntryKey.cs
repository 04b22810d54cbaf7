using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using KvAspire.Data.Requests;

namespace KvAspire.Data.Entries;

/// <summary>Identifies an entry: by its owner, the <c>sub</c> of the token, and its key.</summary>
internal readonly record struct EntryId(string Owner, string Key);

/// <summary>The grammar of keys: 1 to 512 bytes of UTF-8 without control characters, but not <c>.</c> or <c>..</c>.</summary>
internal static class EntryKey
{
    /// <summary>The longest key, in bytes of UTF-8.</summary>
    public const int MaxBytes = 512;

    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text is "" or "." or ".." || text.Length > MaxBytes)
            return false;

        var bytes = 0;
        while (!text.IsEmpty)
        {
            // A lone surrogate is invalid: its encoding would be another key.
            if (Rune.DecodeFromUtf16(text, out var rune, out var length) is not OperationStatus.Done || Rune.IsControl(rune))
                return false;

            bytes += rune.Utf8SequenceLength;
            text = text[length..];
        }

        return bytes <= MaxBytes;
    }

    /// <summary>Reads the member <c>key</c> of a body.</summary>
    public static bool TryRead(JsonElement body, [NotNullWhen(true)] out string? key)
    {
        key = body.TryGetProperty("key", out var member) ? member.AsText() : null;
        return key is not null && IsValid(key);
    }
}

/// <summary>
/// The address of an entry: <c>/api/data/{key}</c>, or <c>/api/data?key=…</c> for a key that a path cannot carry unchanged.
/// Keys are decoded from the raw request target. A key that cannot be decoded exactly is invalid.
/// </summary>
internal static class EntryAddress
{
    /// <summary>The address of the collection.</summary>
    public const string Base = "/api/data";

    private const string KeyParameter = "key";

    /// <summary>The address of a key, relative to the server.</summary>
    public static string Of(string key) => FitsPath(key)
        ? $"{Base}/{string.Join('/', key.Split('/').Select(Uri.EscapeDataString))}"
        : $"{Base}?{KeyParameter}={Uri.EscapeDataString(key)}";

    /// <summary>Reads the key of a request.</summary>
    public static bool TryReadKey(HttpRequest request, [NotNullWhen(true)] out string? key) => TryReadKey(request, Base, out key);

    /// <summary>Reads the key of a request below another address.</summary>
    public static bool TryReadKey(HttpRequest request, string root, [NotNullWhen(true)] out string? key)
    {
        var target = RawTarget.Of(request);
        key = null;

        if (!target.Path.StartsWith(root, StringComparison.OrdinalIgnoreCase))
            return false; // routed here through dot segments

        var decoded = IsBase(target.Path, root)
            ? target.TryRead(KeyParameter, EntryKey.MaxBytes, out key)
            : TryReadPath(target.Path[(root.Length + 1)..], out key);
        return decoded && key is not null && EntryKey.IsValid(key);
    }

    /// <summary>Reads a key from a path, if a path can carry that key.</summary>
    public static bool TryReadPath(ReadOnlySpan<char> encoded, [NotNullWhen(true)] out string? key) =>
        RawTarget.TryDecode(encoded, plusIsSpace: false, EntryKey.MaxBytes, out key) && FitsPath(key) && EntryKey.IsValid(key);

    /// <summary>Whether a request is for the collection, not for one of its entries.</summary>
    public static bool NamesCollection(HttpRequest request)
    {
        var target = RawTarget.Of(request);
        return IsBase(target.Path, Base) && !target.Has(KeyParameter);
    }

    private static bool IsBase(ReadOnlySpan<char> path, string root) =>
        path.StartsWith(root, StringComparison.OrdinalIgnoreCase) && path[root.Length..] is "" or "/";

    // URL parsers and proxies remove dot segments, merge slashes, and decode or double an escaped slash. A path may only carry
    // keys that none of them changes.
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
