using Xunit;

namespace KvAspire.Data.Tests.Fixtures;

/// <summary>Two replicas of the service that can be restarted. Clients use the one that answers.</summary>
public sealed class ReplicaPair(Func<DataService> start) : IAsyncDisposable
{
    private readonly DataService?[] replicas = [start(), start()];

    /// <summary>Stops a replica like an orchestrator, and starts it again after a while.</summary>
    public async Task RestartAsync(int index)
    {
        var replica = replicas[index]!;
        replicas[index] = null;
        await replica.DisposeAsync();
        await Task.Delay(TimeSpan.FromSeconds(0.5), TestContext.Current.CancellationToken);
        replicas[index] = start();
    }

    /// <summary>Runs an action with a replica, and again with the other one if the first is stopping.</summary>
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
                // The replica has stopped.
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
