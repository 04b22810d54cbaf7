using System.Security.Claims;
using System.Text.Json;
using KvAspire.Data.Entries;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Requests;

namespace KvAspire.Data.Bulk;

/// <summary>
/// An element of <c>operations</c>: <c>{"op":"get|put|create|delete","key":…,"value":…,…}</c>, with <c>if_match</c> (a
/// revision) where it is to depend on one. A put stores, whether or not the key is there.
/// </summary>
/// <param name="Key">The key, where it is one.</param>
/// <param name="Write">What to change; null where it is to be read.</param>
/// <param name="Error">What is wrong with it.</param>
internal sealed record Operation(string? Key, Write? Write, ApiError? Error)
{
    /// <summary>Reads it.</summary>
    /// <param name="json">The element.</param>
    /// <param name="user">Who asks for it: to be let in took a token that reads or one that writes.</param>
    /// <param name="time">The clock.</param>
    public static Operation Read(JsonElement json, ClaimsPrincipal user, TimeProvider time)
    {
        if (!JsonBody.IsReadableObject(json) || Name(json) is not { } name)
            return new(null, null, ErrorCatalogue.InvalidRequest);
        if (!EntryKey.TryRead(json, out var key))
            return new(null, null, ErrorCatalogue.InvalidKey);
        if (name is "get")
            return new(key, null, !user.MayRead ? ErrorCatalogue.InsufficientScope : user.MayAccess(key) ? null : ErrorCatalogue.KeyNotFound);
        if (!user.MayWrite || !user.MayAccess(key))
            return new(key, null, ErrorCatalogue.InsufficientScope);
        if (!TryReadCondition(json, out var conditions))
            return new(key, null, ErrorCatalogue.InvalidRequest);

        var id = new EntryId(user.Owner, key);
        if (name is "delete")
            return new(key, new(id, WriteKind.Delete, default, conditions), null);

        return EntryBody.Read(json, time, out var content) is { } refused
            ? new(key, null, refused)
            : new(key, new(id, name is "create" ? WriteKind.Create : WriteKind.Put, content, conditions), null);
    }

    private static string? Name(JsonElement json) =>
        json.TryGetProperty("op", out var member) && member.AsText() is ("get" or "put" or "create" or "delete") and var name ? name : null;

    private static bool TryReadCondition(JsonElement json, out Conditions conditions)
    {
        conditions = default;
        if (!json.TryGetProperty("if_match", out var member) || member.ValueKind is JsonValueKind.Null)
            return true;
        if (member.ValueKind is not JsonValueKind.Number || !member.TryGetInt64(out var revision) || revision < 1)
            return false;

        conditions = new(Conditions.Revision(revision), null);
        return true;
    }
}
