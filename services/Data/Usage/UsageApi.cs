using System.Security.Claims;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.OpenApi;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace KvAspire.Data.Usage;

/// <summary>How much of something an owner uses.</summary>
/// <param name="Used">What is stored.</param>
/// <param name="Allowed">What may be stored; left out where there is no limit.</param>
public sealed record Share(long Used, long? Allowed);

/// <summary>What an owner uses.</summary>
/// <param name="Keys">Keys, those included that have expired and not been removed yet.</param>
/// <param name="Bytes">Bytes of keys, values and metadata.</param>
public sealed record OwnerUsage(Share Keys, Share Bytes);

/// <summary>The endpoint that tells an owner what is used.</summary>
internal static class UsageApi
{
    /// <summary>Maps it.</summary>
    public static IEndpointConventionBuilder MapUsage(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/api/usage", [HttpMethods.Get, HttpMethods.Head], ReadAsync).RequireAuthorization(Scopes.Read)
            .Describe(UsageDescription.Read);

    private static async Task<Ok<SuccessEnvelope<OwnerUsage>>> ReadAsync(
        ClaimsPrincipal user, UsageTable table, IOptions<QuotaOptions> quota, CancellationToken cancellationToken)
    {
        var (keys, bytes) = await table.ReadAsync(user.Identity!.Name!, cancellationToken);
        return TypedResults.Ok(Success.Of(null, new OwnerUsage(new(keys, quota.Value.Keys), new(bytes, quota.Value.Bytes))));
    }
}
