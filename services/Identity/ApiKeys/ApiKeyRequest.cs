using System.Text;
using System.Text.Json;
using KvAspire.Identity.Requests;
using KvAspire.Identity.Text;

namespace KvAspire.Identity.ApiKeys;

/// <summary>A valid request for a new API key.</summary>
internal sealed record ApiKeyRequest(string Name, string Scope, string? KeyPrefix, DateTimeOffset? ExpiresAt)
{
    private const int MaxName = 100, MaxKeyBytes = 512;

    /// <summary>Reads the body; null with the errors of each field.</summary>
    public static ApiKeyRequest? Read(JsonElement root, DateTimeOffset now, out Dictionary<string, string[]> errors)
    {
        errors = [];
        var name = JsonField.Of(root, "name").Text;
        if (!CodePoints.AreALine(name, MaxName))
            errors["name"] = ["This field must be 1 to 100 characters without control characters."];

        var scopes = ReadScopes(root);
        if (scopes is null)
            errors["scopes"] = ["This field must be a list of kv:read, kv:write, or both."];

        var prefix = JsonField.Of(root, "key_prefix");
        if (!prefix.IsAbsent && (prefix.Text is not { Length: > 0 } text || text.Any(char.IsControl) || Encoding.UTF8.GetByteCount(text) > MaxKeyBytes))
            errors["key_prefix"] = ["This field must be how keys begin: 1 to 512 bytes of UTF-8 without control characters."];

        var (expiry, expiresAt) = (JsonField.Of(root, "expires_at"), default(DateTimeOffset));
        if (!expiry.IsAbsent && (!Rfc3339.TryRead(expiry.Text, out expiresAt) || expiresAt <= now))
            errors["expires_at"] = ["This field must be a moment in the future (RFC 3339), such as 2030-01-01T00:00:00Z."];

        return errors.Count == 0 ? new(name!, string.Join(' ', scopes!), prefix.Text, expiry.IsAbsent ? null : expiresAt) : null;
    }

    private static IEnumerable<string>? ReadScopes(JsonElement root)
    {
        if (!root.TryGetProperty("scopes", out var list) || list.ValueKind is not JsonValueKind.Array || list.GetArrayLength() is 0 or > 2)
            return null;

        var asked = list.EnumerateArray().Select(scope => JsonField.Of(scope).Text).ToList();
        return asked.TrueForAll(Scopes.OfEntries.Contains) ? Scopes.OfEntries.Where(asked.Contains) : null;
    }
}
