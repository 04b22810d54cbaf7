namespace KvAspire.Verify.Systems;

/// <summary>Faults that go on beside clients.</summary>
internal static class Disturbance
{
    /// <summary>
    /// Waits for the clients, and lets the faults end with them: also where one failed, for the system is there for others too, who
    /// would be disturbed for no reason that they could see.
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
