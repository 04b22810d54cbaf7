namespace KvAspire.Verify.Systems;

/// <summary>Faults concurrent with clients.</summary>
internal static class Disturbance
{
    /// <summary>
    /// Waits for the clients, then ends the faults. Also where a client failed: other tests share the system, and the faults
    /// would disturb them.
    /// </summary>
    public static async Task<T> EndsWithAsync<T>(this Task disturbing, Task<T> clients, CancellationTokenSource over)
    {
        try
        {
            return await clients;
        }
        finally
        {
            await over.CancelAsync();
            await disturbing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
