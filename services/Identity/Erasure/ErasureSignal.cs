namespace KvAspire.Identity.Erasure;

/// <summary>Wakes this process's <see cref="ErasureWorker"/> when there is something to erase. Others look by themselves.</summary>
internal sealed class ErasureSignal : IDisposable
{
    private readonly SemaphoreSlim raised = new(0, 1);

    /// <summary>Wakes it.</summary>
    public void Raise()
    {
        try
        {
            raised.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already, or will be.
        }
    }

    /// <summary>Waits until it is raised, or for that long.</summary>
    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => raised.WaitAsync(atMost, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => raised.Dispose();
}
