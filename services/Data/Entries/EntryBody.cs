using System.Runtime.InteropServices;
using System.Text.Json;
using KvAspire.Data.Requests;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Requests;

namespace KvAspire.Data.Entries;

/// <summary>
/// Reads the content of an entry from a body: <c>value</c>, <c>metadata</c>, <c>ttl_seconds</c> or <c>expires_at</c>.
/// </summary>
internal static class EntryBody
{
    /// <summary>The largest metadata, in bytes of JSON text.</summary>
    public const int MaxMetadataBytes = 4 * 1024;

    /// <summary>The longest time to live: 100 years.</summary>
    public const long MaxSeconds = 100L * 366 * 24 * 60 * 60;

    /// <summary>Reads the content.</summary>
    /// <returns>The error, or null.</returns>
    public static ApiError? Read(JsonElement body, TimeProvider time, out EntryContent content)
    {
        content = default;
        if (EntryValue.Read(body, out var value) is { } refused)
            return refused;
        if (!TryReadMetadata(body, out var metadata))
            return ErrorCatalogue.InvalidMetadata;
        if (!TryReadExpiry(body, time.GetUtcNow(), out var expiresAt))
            return ErrorCatalogue.InvalidTtl;

        content = new(value, metadata, expiresAt);
        return null;
    }

    /// <summary>The member that an error of <see cref="Read"/> is about.</summary>
    public static string MemberOf(ApiError error, JsonElement body) =>
        error == ErrorCatalogue.InvalidMetadata ? "metadata"
        : error != ErrorCatalogue.InvalidTtl ? "value"
        : body.TryGetProperty("ttl_seconds", out var ttl) && ttl.ValueKind is not JsonValueKind.Null ? "ttl_seconds"
        : "expires_at";

    private static bool TryReadMetadata(JsonElement body, out byte[]? metadata)
    {
        metadata = null;
        if (!body.TryGetProperty("metadata", out var member) || member.ValueKind is JsonValueKind.Null)
            return true;

        var raw = JsonMarshal.GetRawUtf8Value(member);
        if (member.ValueKind is not JsonValueKind.Object || raw.Length > MaxMetadataBytes)
            return false;

        metadata = raw.ToArray();
        return true;
    }

    private static bool TryReadExpiry(JsonElement body, DateTimeOffset now, out DateTimeOffset? expiresAt)
    {
        expiresAt = null;
        var hasTtl = body.TryGetProperty("ttl_seconds", out var ttl) && ttl.ValueKind is not JsonValueKind.Null;
        var hasMoment = body.TryGetProperty("expires_at", out var moment) && moment.ValueKind is not JsonValueKind.Null;
        if (hasTtl && hasMoment)
            return false;

        if (hasTtl)
        {
            if (!ttl.TryReadInteger(out var seconds) || seconds is < 1 or > MaxSeconds)
                return false;
            expiresAt = WholeMilliseconds(now.AddSeconds(seconds));
        }

        if (hasMoment)
        {
            if (!Rfc3339.TryRead(moment.AsText(), out var at) || at <= now || at > now.AddSeconds(MaxSeconds))
                return false;
            expiresAt = WholeMilliseconds(at);
        }

        return true;
    }

    // The precision that both cache and Postgres keep.
    private static DateTimeOffset WholeMilliseconds(DateTimeOffset moment) =>
        DateTimeOffset.FromUnixTimeMilliseconds(moment.ToUnixTimeMilliseconds());
}

/// <summary>A value: any JSON but null, up to 1 MiB of text, stored as it was sent.</summary>
internal static class EntryValue
{
    /// <summary>The largest value, in bytes of JSON text.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Reads the member <c>value</c> of a body, byte for byte.</summary>
    /// <returns>The error, or null.</returns>
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
