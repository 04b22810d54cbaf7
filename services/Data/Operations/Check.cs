using System.Security.Claims;
using System.Text.Json;
using KvAspire.Data.Entries;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Requests;

namespace KvAspire.Data.Operations;

/// <summary>An element of <c>checks</c>: <c>{"key":…,"revision":n}</c> or <c>{"key":…,"exists":true|false}</c>.</summary>
internal static class Check
{
    private const string ConditionRule = "must have either revision or exists";
    private const string ExistsRule = "must be true or false";

    /// <summary>
    /// Reads a check as an operation that changes nothing. Whether a check holds tells about the entry, so a check needs the
    /// scope of reads.
    /// </summary>
    public static Operation Read(JsonElement json, Place place, ClaimsPrincipal caller)
    {
        if (!JsonBody.IsReadableObject(json))
            return new(null, null, place.Wrong(Operation.ObjectRule));
        if (!EntryKey.TryRead(json, out var key))
            return new(null, null, place.Wrong(ErrorCatalogue.InvalidKey, "key"));
        if (ReadCondition(json, place, out var conditions) is { } error)
            return new(key, null, error);

        return caller.MayRead && caller.MayAccess(key)
            ? new(key, new(new(caller.Owner, key), WriteKind.Check, default, conditions), null)
            : new(key, null, ErrorCatalogue.InsufficientScope);
    }

    private static ApiError? ReadCondition(JsonElement json, Place place, out Conditions conditions)
    {
        conditions = default;
        var hasRevision = json.TryGetProperty("revision", out var revision) && revision.ValueKind is not JsonValueKind.Null;
        var hasExists = json.TryGetProperty("exists", out var exists) && exists.ValueKind is not JsonValueKind.Null;
        if (hasRevision == hasExists)
            return place.Wrong(ConditionRule);

        if (hasRevision)
        {
            if (!revision.TryReadInteger(out var number) || number < 1)
                return place.Wrong(Operation.RevisionRule, "revision");
            conditions = new(Conditions.Revision(number), null);
            return null;
        }

        conditions = exists.ValueKind is JsonValueKind.True ? new(Conditions.Any, null) : new(null, Conditions.Any);
        return exists.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : place.Wrong(ExistsRule, "exists");
    }
}
