using System.Runtime.InteropServices;
using System.Text.Json;
using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Data.Entries;

/// <summary>A value: any JSON but null, up to 1 MiB of text, kept as it was sent.</summary>
internal static class EntryValue
{
    /// <summary>The largest value, in bytes of JSON text.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Reads the member <c>value</c> of a body, byte for byte.</summary>
    /// <returns>What is wrong with it: <c>INVALID_VALUE</c> or <c>VALUE_TOO_LARGE</c>, or null.</returns>
    public static ApiError? Read(JsonElement body, out byte[] json)
    {
        json = [];
        if (!body.TryGetProperty("value", out var member) || member.ValueKind is JsonValueKind.Null)
            return ErrorCatalogue.InvalidValue;

        var raw = JsonMarshal.GetRawUtf8Value(member);
        if (raw.Length > MaxBytes)
            return ErrorCatalogue.ValueTooLarge;

        json = raw.ToArray();
        return null;
    }
}
