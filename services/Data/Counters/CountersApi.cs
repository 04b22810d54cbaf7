using System.Runtime.InteropServices;
using System.Security.Claims;
using System.Text.Json;
using KvAspire.Data.Entries;
using KvAspire.Data.Idempotency;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;
using KvAspire.ServiceDefaults.Requests;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Data.Counters;

/// <summary>
/// The endpoint that adds to a number, without reading it before. A counter is an entry whose value is a whole number of at
/// most 100 digits; where there is none it begins at 0. Its metadata and its time to live stay as they are.
/// </summary>
internal static class CountersApi
{
    private const string Base = "/api/counters";
    private const int MaxBodyBytes = 4 * 1024;
    private const int MaxDigits = 100;
    private const string BadDelta = "Invalid request. The delta must be a whole number of at most 100 digits.";

    /// <summary>Maps it.</summary>
    public static IEndpointConventionBuilder MapCounters(this IEndpointRouteBuilder routes) => routes
        .MapPost(Base + "/{**key}", AddAsync).RequireAuthorization(Scopes.Write).AddEndpointFilter<WriteFailures>()
        .Describe(CountersDescription.Add);

    private static async Task<IResult> AddAsync(
        HttpRequest request, ClaimsPrincipal user, EntryStore store, OnceRequests requests, CancellationToken cancellationToken)
    {
        if (!EntryAddress.TryReadKey(request, Base, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();

        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (!TryReadDelta(body.Root, out var delta))
            return ErrorCatalogue.InvalidRequest.AsResult(BadDelta);
        if (!user.MayAccess(key))
            return ErrorCatalogue.InsufficientScope.AsResult();
        if (!OnceRequests.TryRead(request, user.Owner, body.Root, out var once))
            return ErrorCatalogue.InvalidRequest.AsResult(OnceRequests.Bad);

        using var attempt = requests.Begin(once);
        var result = await store.WriteAsync(new(new(user.Owner, key), WriteKind.Add, new(delta)), user.Actor, once);
        return result.Succeeded ? new CounterResult(key, result) : EntryWritten.Refusal(result.Outcome).AsResult();
    }

    // Left out, it is 1.
    private static bool TryReadDelta(JsonElement body, out byte[] delta)
    {
        delta = "1"u8.ToArray();
        if (!body.TryGetProperty("delta", out var member))
            return true;

        delta = JsonMarshal.GetRawUtf8Value(member).ToArray();
        var digits = delta.AsSpan().TrimStart((byte)'-');
        return member.ValueKind is JsonValueKind.Number && digits.Length <= MaxDigits && digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }
}
