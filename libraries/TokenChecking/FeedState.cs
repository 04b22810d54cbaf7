namespace KvAspire.TokenChecking;

/// <summary>What the answers of the feed of revocations tell of Identity's clock.</summary>
public sealed class FeedState(TimeProvider clock)
{
    // Of the running average: the header Date has whole seconds only.
    private const double Weight = 0.1;

    private static readonly TimeSpan HalfASecond = TimeSpan.FromSeconds(0.5);

    private TimeSpan? offset;

    /// <summary>How far this process' clock is ahead of Identity's, to within a second; null while unknown.</summary>
    public TimeSpan? ClockOffset => offset;

    // Identity wrote the time about halfway through the round trip, and cut off half a second on average.
    internal void Answered(DateTimeOffset? identitysTime, TimeSpan roundTrip)
    {
        if (identitysTime is not { } time)
            return;

        var now = clock.GetUtcNow() - (roundTrip / 2) - (time + HalfASecond);
        offset = offset is { } known && (known - now).Duration() < TimeSpan.FromSeconds(2) ? known + ((now - known) * Weight) : now;
    }
}
