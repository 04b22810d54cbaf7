namespace KvAspire.Data.Listing;

/// <summary>Registers the listing.</summary>
internal static class ListingRegistration
{
    /// <summary>Adds what reads pages, and how routing finds it.</summary>
    public static WebApplicationBuilder AddListing(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ListTable>().AddSingleton<MatcherPolicy>(CollectionOnly.Instance);
        return builder;
    }
}
