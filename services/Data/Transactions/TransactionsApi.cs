using System.Security.Claims;
using System.Text.Json;
using KvAspire.Data.Bulk;
using KvAspire.Data.Entries;
using KvAspire.Data.Idempotency;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.OpenApi;
using KvAspire.ServiceDefaults.Requests;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Data.Transactions;

/// <summary>
/// The endpoint of transactions: checks, then operations, all or nothing. They are serialisable, since all changes of an
/// owner are made one after the other under the owner's lock.
/// </summary>
internal static class TransactionsApi
{
    private const int MaxOperations = 128;
    private const int MaxBodyBytes = 16 * 1024 * 1024;

    private const string BadLists = "Invalid request. A transaction has checks and operations, which are lists, 1 to 128 together.";

    /// <summary>Maps it.</summary>
    public static IEndpointConventionBuilder MapTransactions(this IEndpointRouteBuilder routes) => routes
        .MapPost("/api/txn", RunAsync).RequireAuthorization(Scopes.Write).AddEndpointFilter<WriteFailures>()
        .Describe(TransactionsDescription.Run);

    private static async Task<IResult> RunAsync(
        HttpRequest request, ClaimsPrincipal user, EntryStore store, OnceRequests requests, TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (!TryReadList(body.Root, "checks", out var checks) || !TryReadList(body.Root, "operations", out var operations)
            || checks.Length + operations.Length is < 1 or > MaxOperations)
            return ErrorCatalogue.InvalidRequest.AsResult(BadLists);

        Operation[] steps =
        [
            .. checks.Select(json => Check.Read(json, user)),
            .. operations.Select(json => Operation.Read(json, user, time)),
        ];
        foreach (var (i, step) in steps.Index())
        {
            if (step.Write is null)
                return (Wrong(step) ?? ErrorCatalogue.InvalidRequest).AsResult(BadStep(i, checks.Length, step));
        }

        if (!OnceRequests.TryRead(request, user.Owner, body.Root, out var once))
            return ErrorCatalogue.InvalidRequest.AsResult(OnceRequests.Bad);

        using var attempt = requests.Begin(once);
        var results = await store.WriteAsync(new([.. steps.Select(step => step.Write!)], user.Actor, isAtomic: true, once));
        return Answer(steps, results, checks.Length);
    }

    private static IResult Answer(Operation[] steps, WriteResult[] results, int checks)
    {
        for (var i = 0; i < results.Length; i++)
        {
            if (!results[i].Succeeded)
                return ErrorCatalogue.TxnConflict.AsResult(Conflict(i, checks, results[i]), new Dictionary<string, string[]>
                {
                    [Place(i, checks)] = [EntryWritten.Refusal(results[i].Outcome).Code],
                });
        }

        return new OperationsResult([.. steps.Zip(results).Skip(checks).Select(pair => OperationOutcome.Of(pair.First.Key!, pair.Second))]);
    }

    private static string Conflict(int i, int checks, WriteResult result) =>
        $"{Place(i, checks)} failed ({EntryWritten.Refusal(result.Outcome).Code}); nothing was changed.";

    private static string BadStep(int i, int checks, Operation step) =>
        $"{Place(i, checks)}: {Wrong(step)?.Message ?? "A transaction reads nothing; use a check."}";

    // What a read would find makes no difference where nothing is read.
    private static ApiError? Wrong(Operation step) => step.Error == ErrorCatalogue.KeyNotFound ? null : step.Error;

    private static string Place(int i, int checks) => i < checks ? $"checks[{i}]" : $"operations[{i - checks}]";

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
