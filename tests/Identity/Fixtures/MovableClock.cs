namespace KvAspire.Identity.Tests.Fixtures;

/// <summary>The system's time, and as much later as a test says.</summary>
public sealed class MovableClock : TimeProvider
{
    private TimeSpan ahead;

    /// <summary>Lets time pass.</summary>
    public void Advance(TimeSpan time) => ahead += time;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;
}
