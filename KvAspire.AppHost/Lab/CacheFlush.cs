namespace KvAspire.AppHost.Lab;

/// <summary>Empties the cache.</summary>
internal static class CacheFlush
{
    public static LabCommand Of(IResourceWithConnectionString cache) => new(
        "flush", "Flush", "Delete", "Removes everything from the cache. Entries stay in Postgres; budgets start anew.",
        async context =>
        {
            await using var connection = await CacheConnection.OpenAsync(cache, context.CancellationToken);
            var server = connection.GetServers().Single();
            var keys = await server.DatabaseSizeAsync();
            await server.FlushAllDatabasesAsync();
            return new(
                $"The cache is empty. It had {keys} keys.",
                "Metric `kvaspire.cache.reads` of data: `miss` rises, then `hit` again.",
                "Metric `kvaspire.entries.loads` of data: each entry is loaded from Postgres once.",
                "Traces of `GET /api/data/{key}`: the first has a span of Postgres, the second has none.",
                "The header `Cache-Status` of an answer.");
        })
    {
        Confirmation = "Empty the cache? Reads go to Postgres until it is filled again.",
    };
}
