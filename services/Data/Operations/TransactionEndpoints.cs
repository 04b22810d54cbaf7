using System.Security.Claims;
using System.Text.Json;
using KvAspire.Data.Entries;
using KvAspire.Data.Idempotency;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.OpenApi;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Requests;
using KvAspire.TokenChecking;

namespace KvAspire.Data.Operations;

/// <summary>
/// The endpoint of transactions: checks, then operations, all or nothing. They are serialisable, because all changes of an
/// owner run one after the other under the owner's lock.
/// </summary>
internal static class TransactionEndpoints
{
    private const int MaxOperations = 128;
    private const int MaxBodyBytes = 16 * 1024 * 1024;

    private const string BadLists = "Invalid request. The checks and operations must be lists, of 1 to 128 elements together.";

    private const string NoReads = "A transaction reads nothing; use a check.";

    public static IEndpointConventionBuilder MapTransactions(this IEndpointRouteBuilder routes) => routes
        .MapPost("/api/txn", RunAsync).RequireAuthorization(Scopes.Write)
        .AddEndpointFilter<WriteFailures>().AddEndpointFilter<NoConditions>()
        .Describe(TransactionsDescription.Run);

    private static async Task<IResult> RunAsync(
        HttpRequest request, ClaimsPrincipal caller, EntryStore store, IdempotentRequests requests, TimeProvider time,
        CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (!TryReadList(body.Root, "checks", out var checks) || !TryReadList(body.Root, "operations", out var operations)
            || checks.Length + operations.Length is < 1 or > MaxOperations)
            return ErrorCatalogue.InvalidRequest.AsResult(BadLists);

        Operation[] steps =
        [
            .. checks.Select((json, i) => Check.Read(json, PlaceOf(i, checks.Length), caller)),
            .. operations.Select((json, i) => Operation.Read(json, PlaceOf(checks.Length + i, checks.Length), caller, time)),
        ];
        foreach (var (i, step) in steps.Index())
        {
            if (step.Write is null)
                return BadStep(PlaceOf(i, checks.Length), step);
        }

        if (!IdempotentRequests.TryRead(request, caller.Owner, body.Root, out var idempotency))
            return ErrorCatalogue.InvalidRequest.AsResult(IdempotentRequests.Bad);

        using var attempt = requests.Begin(idempotency);
        var results = await store.WriteAsync(new([.. steps.Select(step => step.Write!)], caller.Actor, isAtomic: true, idempotency));
        return Answer(steps, results, checks.Length);
    }

    private static IResult Answer(Operation[] steps, WriteResult[] results, int checks)
    {
        for (var i = 0; i < results.Length; i++)
        {
            if (!results[i].Succeeded)
                return ErrorCatalogue.TxnConflict.AsResult(Conflict(i, checks, results[i]), new Dictionary<string, string[]>
                {
                    [$"{PlaceOf(i, checks)}"] = [EntryWritten.Refusal(results[i].Outcome).Code],
                });
        }

        return new OperationsResult([.. steps.Zip(results).Skip(checks).Select(pair => OperationOutcome.Of(pair.First.Key!, pair.Second))]);
    }

    private static string Conflict(int i, int checks, WriteResult result) =>
        $"{PlaceOf(i, checks)} failed ({EntryWritten.Refusal(result.Outcome).Code}); nothing was changed.";

    // A read is refused even if the key is missing. An error of the request itself names the place already.
    private static ErrorResult BadStep(Place place, Operation step)
    {
        if (step.Error is not { } error || error == ErrorCatalogue.KeyNotFound)
        {
            return ErrorCatalogue.InvalidRequest.AsResult(
                $"{place}: {NoReads}", new Dictionary<string, string[]> { [$"{place}.op"] = [NoReads] });
        }

        if (error.Code == ErrorCatalogue.InvalidRequest.Code)
            return error.AsResult();
        return error.AsResult($"{place}: {error.Message}");
    }

    private static Place PlaceOf(int i, int checks) => i < checks ? new("checks", i) : new("operations", i - checks);

    private static bool TryReadList(JsonElement body, string name, out JsonElement[] list)
    {
        list = [];
        if (!body.TryGetProperty(name, out var member) || member.ValueKind is JsonValueKind.Null)
            return true;
        if (member.ValueKind is not JsonValueKind.Array || member.GetArrayLength() > MaxOperations)
            return false;

        list = [.. member.EnumerateArray()];
        return true;
    }
}
