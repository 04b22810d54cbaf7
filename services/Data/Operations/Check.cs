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
    /// <summary>Reads a check as an operation that changes nothing.</summary>
    public static Operation Read(JsonElement json, ClaimsPrincipal caller)
    {
        if (!JsonBody.IsReadableObject(json) || !TryReadCondition(json, out var conditions))
            return new(null, null, ErrorCatalogue.InvalidRequest);
        if (!EntryKey.TryRead(json, out var key))
            return new(null, null, ErrorCatalogue.InvalidKey);

        return caller.MayRead && caller.MayAccess(key)
            ? new(key, new(new(caller.Owner, key), WriteKind.Check, default, conditions), null)
            : new(key, null, ErrorCatalogue.InsufficientScope);
    }

    private static bool TryReadCondition(JsonElement json, out Conditions conditions)
    {
        conditions = default;
        var hasRevision = json.TryGetProperty("revision", out var revision) && revision.ValueKind is not JsonValueKind.Null;
        var hasExists = json.TryGetProperty("exists", out var exists) && exists.ValueKind is not JsonValueKind.Null;
        if (hasRevision == hasExists)
            return false;

        if (hasRevision)
        {
            if (revision.ValueKind is not JsonValueKind.Number || !revision.TryGetInt64(out var number) || number < 1)
                return false;
            conditions = new(Conditions.Revision(number), null);
            return true;
        }

        conditions = exists.ValueKind is JsonValueKind.True ? new(Conditions.Any, null) : new(null, Conditions.Any);
        return exists.ValueKind is JsonValueKind.True or JsonValueKind.False;
    }
}
