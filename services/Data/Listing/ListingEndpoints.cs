using System.Security.Claims;
using KvAspire.Data.Entries;
using KvAspire.OpenApi;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.TokenChecking;
using Microsoft.AspNetCore.Http.HttpResults;

namespace KvAspire.Data.Listing;

/// <summary>The endpoint that lists keys: <c>GET /api/data</c> without a key.</summary>
internal static class ListingEndpoints
{
    public static IEndpointConventionBuilder MapListing(this IEndpointRouteBuilder routes) => routes
        .MapMethods(EntryAddress.Base, [HttpMethods.Get, HttpMethods.Head], ListAsync)
        .WithMetadata(CollectionOnly.Instance)
        .RequireAuthorization(Scopes.Read)
        .Describe(ListingDescription.List);

    private static async Task<Results<ListResult, ErrorResult>> ListAsync(
        HttpRequest request, ClaimsPrincipal caller, ListTable table, CancellationToken cancellationToken)
    {
        var (query, refusal) = ListQuery.Read(request, caller);
        return query is null ? refusal! : new ListResult(query, await table.ReadAsync(query, cancellationToken));
    }
}
