using StackExchange.Redis;

namespace KvAspire.AppHost.Lab;

/// <summary>A connection to Redis of its own, for commands of an administrator.</summary>
internal static class CacheConnection
{
    /// <exception cref="DistributedApplicationException">Redis does not answer.</exception>
    public static async Task<ConnectionMultiplexer> OpenAsync(IResourceWithConnectionString cache, CancellationToken cancellationToken)
    {
        var options = ConfigurationOptions.Parse((await cache.ConnectionStringExpression.GetValueAsync(cancellationToken))!);
        (options.AllowAdmin, options.ConnectTimeout, options.ConnectRetry, options.ClientName) = (true, 2000, 1, "kvaspire-lab");
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(cancellationToken);
        }
        catch (RedisException exception)
        {
            throw new DistributedApplicationException($"{cache.Name} does not answer. It may be paused, stopped or starting.", exception);
        }
    }
}
