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

namespace KvAspire.Data.Bulk;

/// <summary>The endpoint that takes many operations in one request, each for itself.</summary>
internal static class BulkApi
{
    private const int MaxOperations = 1000;
    private const int MaxBodyBytes = 16 * 1024 * 1024;
    private const string BadOperations = "Invalid request. The operations must be a list of 1 to 1000.";

    /// <summary>Maps it.</summary>
    public static IEndpointConventionBuilder MapBulk(this IEndpointRouteBuilder routes) => routes
        .MapPost("/api/bulk", RunAsync).RequireAuthorization(Scopes.ReadOrWrite).AddEndpointFilter<WriteFailures>().Describe(BulkDescription.Run);

    private static async Task<IResult> RunAsync(
        HttpRequest request, ClaimsPrincipal user, EntryStore store, OnceRequests requests, TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable.AsResult();
        if (!body.Root.TryGetProperty("operations", out var list) || list.ValueKind is not JsonValueKind.Array
            || list.GetArrayLength() is < 1 or > MaxOperations)
            return ErrorCatalogue.InvalidRequest.AsResult(BadOperations);
        if (!OnceRequests.TryRead(request, user.Owner, body.Root, out var once))
            return ErrorCatalogue.InvalidRequest.AsResult(OnceRequests.Bad);

        using var attempt = requests.Begin(once);
        Operation[] operations = [.. list.EnumerateArray().Select(json => Operation.Read(json, user, time))];
        var run = new BulkRun(store, user.Owner, user.Actor, once);
        return new OperationsResult(await run.RunAsync(operations, cancellationToken));
    }
}
