namespace KvAspire.Data.Listing;

/// <summary>Registers the listing, and how routing tells it from a read by <c>?key=</c>.</summary>
internal static class ListingSetup
{
    public static WebApplicationBuilder AddListing(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ListTable>().AddSingleton<MatcherPolicy>(CollectionOnly.Instance);
        return builder;
    }
}
