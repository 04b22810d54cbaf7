using System.Security.Claims;
using System.Text;
using System.Text.Json;
using KvAspire.Data.Entries;
using KvAspire.Data.Idempotency;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.OpenApi;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Requests;
using KvAspire.TokenChecking;

namespace KvAspire.Data.Counters;

/// <summary>
/// The endpoint that adds to a number. A counter is an entry whose value is an integer of at most 100 digits. A missing counter
/// starts at 0. An addition keeps metadata and time to live.
/// </summary>
internal static class CounterEndpoints
{
    private const string Base = "/api/counters";
    private const int MaxBodyBytes = 4 * 1024;
    private const int MaxDigits = 100;
    private const int MaxDigitsOfWriter = 18;
    private const string BadDelta = "Invalid request. The delta must be a whole number of at most 100 digits.";

    public static IEndpointConventionBuilder MapCounters(this IEndpointRouteBuilder routes) => routes
        .MapPost(Base + "/{**key}", AddAsync).RequireAuthorization(Scopes.Write)
        .AddEndpointFilter<WriteFailures>().AddEndpointFilter<NoConditions>()
        .Describe(CountersDescription.Add);

    private static async Task<IResult> AddAsync(
        HttpRequest request, ClaimsPrincipal caller, EntryStore store, IdempotentRequests requests, CancellationToken cancellationToken)
    {
        if (!EntryAddress.TryReadKey(request, Base, out var key))
            return ErrorCatalogue.InvalidKey.AsResult();

        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (!TryReadDelta(body.Root, out var delta))
            return ErrorCatalogue.InvalidRequest.AsResult(BadDelta);
        if (!caller.MayAccess(key) || (Tells(delta) && !caller.MayRead))
            return ErrorCatalogue.InsufficientScope.AsResult();
        if (!IdempotentRequests.TryRead(request, caller.Owner, body.Root, out var idempotency))
            return ErrorCatalogue.InvalidRequest.AsResult(IdempotentRequests.Bad);

        using var attempt = requests.Begin(idempotency);
        var result = await store.WriteAsync(new(new(caller.Owner, key), WriteKind.Add, new(delta)), caller.Actor, idempotency);
        return result.Succeeded
            ? new CounterResult(key, result.Revision, caller.MayRead ? result.Value : null)
            : EntryWritten.Refusal(result.Outcome).AsResult();
    }

    // An addition of 0 only reads. A large one fits into 100 digits or not, which tells how large the value is.
    private static bool Tells(byte[] delta) =>
        delta is [(byte)'0'] || delta.AsSpan().TrimStart((byte)'-').Length > MaxDigitsOfWriter;

    // The delta defaults to 1. A missing counter becomes the delta, so it is stored in digits alone, and -0 as 0.
    private static bool TryReadDelta(JsonElement body, out byte[] delta)
    {
        delta = "1"u8.ToArray();
        if (!body.TryGetProperty("delta", out var member))
            return true;
        if (!member.TryReadInteger(MaxDigits, out var digits))
            return false;

        delta = Encoding.ASCII.GetBytes(digits);
        return true;
    }
}
