using System.Diagnostics.CodeAnalysis;
using KvAspire.Data.Requests;

namespace KvAspire.Data.Entries;

/// <summary>
/// Where an entry is found: <c>/api/data/{key}</c>, or <c>/api/data?key=…</c> for a key that a path cannot carry unchanged.
/// Keys are decoded from the request target as it was sent. What cannot be decoded exactly is no key.
/// </summary>
internal static class EntryAddress
{
    /// <summary>The collection.</summary>
    public const string Base = "/api/data";

    private const string KeyParameter = "key";

    /// <summary>The address of a key, relative to the server.</summary>
    public static string Of(string key) => FitsPath(key)
        ? $"{Base}/{string.Join('/', key.Split('/').Select(Uri.EscapeDataString))}"
        : $"{Base}?{KeyParameter}={Uri.EscapeDataString(key)}";

    /// <summary>Reads the key that a request is for.</summary>
    public static bool TryReadKey(HttpRequest request, [NotNullWhen(true)] out string? key) => TryReadKey(request, Base, out key);

    /// <summary>Likewise, below another address.</summary>
    public static bool TryReadKey(HttpRequest request, string root, [NotNullWhen(true)] out string? key)
    {
        var target = RawTarget.Of(request);
        key = null;

        if (!target.Path.StartsWith(root, StringComparison.OrdinalIgnoreCase))
            return false; // dot segments led here

        var decoded = IsBase(target.Path, root)
            ? target.TryRead(KeyParameter, EntryKey.MaxBytes, out key)
            : TryReadPath(target.Path[(root.Length + 1)..], out key);
        return decoded && key is not null && EntryKey.IsValid(key);
    }

    /// <summary>Reads a key as it stands in a path, which must be able to carry it.</summary>
    public static bool TryReadPath(ReadOnlySpan<char> encoded, [NotNullWhen(true)] out string? key) =>
        RawTarget.TryDecode(encoded, plusIsSpace: false, EntryKey.MaxBytes, out key) && FitsPath(key) && EntryKey.IsValid(key);

    /// <summary>Whether a request is for the collection, and not for one of its entries.</summary>
    public static bool NamesCollection(HttpRequest request)
    {
        var target = RawTarget.Of(request);
        return IsBase(target.Path, Base) && !target.Has(KeyParameter);
    }

    private static bool IsBase(ReadOnlySpan<char> path, string root) =>
        path.StartsWith(root, StringComparison.OrdinalIgnoreCase) && path[root.Length..] is "" or "/";

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
