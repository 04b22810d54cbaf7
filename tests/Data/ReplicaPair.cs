using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Two replicas of the service, each of which can be restarted. Clients go to whichever answers.</summary>
public sealed class ReplicaPair(Func<DataService> start) : IAsyncDisposable
{
    private readonly DataService?[] replicas = [start(), start()];

    /// <summary>Stops a replica as an orchestrator does, and starts it anew after a while.</summary>
    public async Task RestartAsync(int index)
    {
        var replica = replicas[index]!;
        replicas[index] = null;
        await replica.DisposeAsync();
        await Task.Delay(TimeSpan.FromSeconds(0.5), TestContext.Current.CancellationToken);
        replicas[index] = start();
    }

    /// <summary>Does something with a replica; again with another one, where the first is about to be gone.</summary>
    public async Task<T> TryAsync<T>(Random random, Func<DataService, Task<T>> action)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                if (replicas[random.Next(2)] is { } replica)
                    return await action(replica);
            }
            catch (Exception exception) when (attempt < 200 && exception is HttpRequestException or IOException or ObjectDisposedException or OperationCanceledException)
            {
                // It stopped meanwhile.
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in replicas)
        {
            if (replica is not null)
                await replica.DisposeAsync();
        }
    }
}
