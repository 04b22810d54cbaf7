using System.Security.Claims;
using System.Text.Json;
using KvAspire.Data.Entries;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Requests;

namespace KvAspire.Data.Operations;

/// <summary>
/// An element of <c>operations</c>: <c>{"op":"get|put|create|delete","key":…,"value":…,…}</c>, optionally with <c>if_match</c>
/// (a revision). A put stores whether or not the key exists.
/// </summary>
internal sealed record Operation(string? Key, Write? Write, ApiError? Error)
{
    /// <summary>The rule for elements.</summary>
    public const string ObjectRule = "must be a JSON object whose names are text";

    /// <summary>The rule for revisions.</summary>
    public const string RevisionRule = "must be a revision: a whole number from 1 on";

    private const string NameRule = "must be get, put, create or delete";

    /// <summary>
    /// Reads an operation. The endpoint admits tokens that can only read or only write, so this checks the scope.
    /// </summary>
    public static Operation Read(JsonElement json, Place place, ClaimsPrincipal caller, TimeProvider time)
    {
        if (!JsonBody.IsReadableObject(json))
            return new(null, null, place.Wrong(ObjectRule));
        if (!EntryKey.TryRead(json, out var key))
            return new(null, null, place.Wrong(ErrorCatalogue.InvalidKey, "key"));
        if (Name(json) is not { } name)
            return new(key, null, place.Wrong(NameRule, "op"));
        if (name is "get")
            return new(key, null, !caller.MayRead ? ErrorCatalogue.InsufficientScope : caller.MayAccess(key) ? null : ErrorCatalogue.KeyNotFound);
        if (!caller.MayWrite || !caller.MayAccess(key))
            return new(key, null, ErrorCatalogue.InsufficientScope);
        if (!TryReadCondition(json, out var conditions))
            return new(key, null, place.Wrong(RevisionRule, "if_match"));

        var id = new EntryId(caller.Owner, key);
        if (name is "delete")
            return new(key, new(id, WriteKind.Delete, default, conditions), null);

        return EntryBody.Read(json, time, out var content) is { } refused
            ? new(key, null, place.Wrong(refused, EntryBody.MemberOf(refused, json)))
            : new(key, new(id, name is "create" ? WriteKind.Create : WriteKind.Put, content, conditions), null);
    }

    private static string? Name(JsonElement json) =>
        json.TryGetProperty("op", out var member) && member.AsText() is ("get" or "put" or "create" or "delete") and var name ? name : null;

    private static bool TryReadCondition(JsonElement json, out Conditions conditions)
    {
        conditions = default;
        if (!json.TryGetProperty("if_match", out var member) || member.ValueKind is JsonValueKind.Null)
            return true;
        if (!member.TryReadInteger(out var revision) || revision < 1)
            return false;

        conditions = new(Conditions.Revision(revision), null);
        return true;
    }
}
