namespace KvAspire.ServiceDefaults.Health;

/// <summary>
/// Ends endless responses, such as watches, after the drain delay, since a stopping service waits for its responses. Their
/// clients reconnect at once, so load balancers must know by then that this service is draining.
/// </summary>
public sealed class LastCall : IDisposable
{
    private readonly CancellationTokenSource sounded = new();

    /// <summary>Creates the signal.</summary>
    public LastCall() => Token = sounded.Token;

    /// <summary>Cancelled after the drain delay.</summary>
    public CancellationToken Token { get; }

    /// <inheritdoc/>
    public void Dispose() => sounded.Dispose();

    // Test hosts are stopped twice, and disposed of in between.
    internal Task SoundAsync() => Token.IsCancellationRequested ? Task.CompletedTask : sounded.CancelAsync();
}
