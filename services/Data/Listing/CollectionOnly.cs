using KvAspire.Data.Entries;
using Microsoft.AspNetCore.Routing.Matching;

namespace KvAspire.Data.Listing;

/// <summary>
/// Marks an endpoint that does not answer requests with <c>?key=</c>: they are for one entry, at the same path. Also the policy
/// by which routing tells both apart.
/// </summary>
internal sealed class CollectionOnly : MatcherPolicy, IEndpointSelectorPolicy
{
    public static readonly CollectionOnly Instance = new();

    public override int Order => 0;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(IsMarked);

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
