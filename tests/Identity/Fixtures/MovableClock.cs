namespace KvAspire.Identity.Tests.Fixtures;

/// <summary>The system's clock, moved ahead by tests.</summary>
public sealed class MovableClock : TimeProvider
{
    private TimeSpan ahead;

    /// <summary>Moves the clock ahead.</summary>
    public void Advance(TimeSpan time) => ahead += time;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;

    /// <inheritdoc/>
    public override long GetTimestamp() => System.GetTimestamp() + (long)(ahead.TotalSeconds * TimestampFrequency);
}
