using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using KvAspire.Data.Requests;

namespace KvAspire.Data.Entries;

/// <summary>The grammar of keys: 1 to 512 bytes of UTF-8 without control characters, but not <c>.</c> or <c>..</c>.</summary>
internal static class EntryKey
{
    /// <summary>The longest key, in bytes of UTF-8.</summary>
    public const int MaxBytes = 512;

    /// <summary>Whether a text is a key.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text is "" or "." or ".." || text.Length > MaxBytes)
            return false;

        var bytes = 0;
        while (!text.IsEmpty)
        {
            // Half a surrogate pair is no text: encoded, it would become another key.
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
