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

/// <summary>The endpoint that runs many operations in one request, each with its own outcome.</summary>
internal static class BulkEndpoints
{
    private const int MaxOperations = 1000;
    private const int MaxBodyBytes = 16 * 1024 * 1024;
    private const string BadOperations = "Invalid request. The operations must be a list of 1 to 1000.";

    public static IEndpointConventionBuilder MapBulk(this IEndpointRouteBuilder routes) => routes
        .MapPost("/api/bulk", RunAsync).RequireAuthorization(Scopes.ReadOrWrite)
        .AddEndpointFilter<WriteFailures>().AddEndpointFilter<NoConditions>()
        .Describe(BulkDescription.Run);

    private static async Task<IResult> RunAsync(
        HttpRequest request, ClaimsPrincipal caller, EntryStore store, EntryTable table, IdempotentRequests requests,
        TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (!body.Root.TryGetProperty("operations", out var list) || list.ValueKind is not JsonValueKind.Array
            || list.GetArrayLength() is < 1 or > MaxOperations)
            return ErrorCatalogue.InvalidRequest.AsResult(BadOperations);
        if (!IdempotentRequests.TryRead(request, caller.Owner, body.Root, out var idempotency))
            return ErrorCatalogue.InvalidRequest.AsResult(IdempotentRequests.Bad);

        using var attempt = requests.Begin(idempotency);
        Operation[] operations =
            [.. list.EnumerateArray().Select((json, i) => Operation.Read(json, new("operations", i), caller, time))];
        var run = new BulkRun(store, new(store, table, caller.Owner), caller.Owner, caller.Actor, idempotency);
        return new OperationsResult(await run.RunAsync(operations, cancellationToken));
    }
}
