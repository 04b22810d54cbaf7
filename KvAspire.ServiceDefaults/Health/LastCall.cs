namespace KvAspire.ServiceDefaults.Health;

/// <summary>
/// When answers that have no end by themselves are to end, for a service that stops would wait for them: once the delay is over
/// in which it serves on. Not sooner: their clients come again at once, and must find that those who balance have noticed.
/// </summary>
public sealed class LastCall : IDisposable
{
    private readonly CancellationTokenSource sounded = new();

    /// <summary>Makes one that has not sounded.</summary>
    public LastCall() => Token = sounded.Token;

    /// <summary>Is cancelled then.</summary>
    public CancellationToken Token { get; }

    /// <inheritdoc/>
    public void Dispose() => sounded.Dispose();

    // Whoever stops a host twice, as test hosts are, has disposed of this in between.
    internal Task SoundAsync() => Token.IsCancellationRequested ? Task.CompletedTask : sounded.CancelAsync();
}
