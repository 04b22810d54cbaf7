using KvAspire.Data.Entries;
using Microsoft.AspNetCore.Routing.Matching;

namespace KvAspire.Data.Listing;

/// <summary>
/// Marks an endpoint that is not for requests with <c>?key=</c>: those are for one entry, at the same path. With it comes
/// the policy by which routing tells them apart.
/// </summary>
internal sealed class CollectionOnly : MatcherPolicy, IEndpointSelectorPolicy
{
    /// <summary>The mark.</summary>
    public static readonly CollectionOnly Instance = new();

    /// <inheritdoc/>
    public override int Order => 0;

    /// <inheritdoc/>
    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(IsMarked);

    /// <inheritdoc/>
    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        if (EntryAddress.NamesCollection(httpContext.Request))
            return Task.CompletedTask;

        for (var i = 0; i < candidates.Count; i++)
        {
            if (IsMarked(candidates[i].Endpoint))
                candidates.SetValidity(i, false);
        }

        return Task.CompletedTask;
    }

    private static bool IsMarked(Endpoint endpoint) => endpoint.Metadata.GetMetadata<CollectionOnly>() is not null;
}
