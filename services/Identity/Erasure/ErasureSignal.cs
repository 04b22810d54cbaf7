namespace KvAspire.Identity.Erasure;

/// <summary>Wakes this process's <see cref="ErasureWorker"/> when there is a user or a client to erase. Other replicas poll.</summary>
internal sealed class ErasureSignal : IDisposable
{
    private readonly SemaphoreSlim raised = new(0, 1);

    public void Raise()
    {
        try
        {
            raised.Release();
        }
        catch (SemaphoreFullException)
        {
            // The worker is awake, or about to be.
        }
    }

    /// <summary>Waits for the signal, or for <paramref name="atMost"/>.</summary>
    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => raised.WaitAsync(atMost, cancellationToken);

    public void Dispose() => raised.Dispose();
}
