namespace KvAspire.Gateway.Overload;

/// <summary>
/// Lets refusals out at a pace, and those beyond it wait. A refusal costs the gateway nearly as much as an answer, and whoever gets it at once
/// may ask again at once: without a pace clients would keep the gateway busy with refusing them, and from what it has taken on.
/// Whoever waits costs nothing.
/// </summary>
internal sealed class RefusalPace(OverloadOptions options, TimeProvider time)
{
    // It says no more than Retry-After does, which every refusal has.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    // So much of the pace may come at once: single refusals always do.
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private readonly long began = time.GetTimestamp();
    private TimeSpan next;

    /// <summary>Waits for its turn. It does not fail where the client leaves meanwhile.</summary>
    public Task WaitAsync(CancellationToken gone)
    {
        TimeSpan wait;
        lock (gate)
        {
            var now = time.GetElapsedTime(began);
            var turn = next > now - Burst ? next : now - Burst;
            wait = turn - now < Longest ? turn - now : Longest;
            next = now + wait + TimeSpan.FromSeconds(1.0 / options.RefusalsPerSecond);
        }

        return wait > TimeSpan.Zero ? DelayAsync(wait, gone) : Task.CompletedTask;
    }

    private async Task DelayAsync(TimeSpan wait, CancellationToken gone) =>
        await Task.Delay(wait, time, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
