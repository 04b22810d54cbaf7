using KvAspire.ServiceDefaults.Telemetry;

namespace KvAspire.Libraries.Tests;

public sealed class RepeatedFailureTests
{
    [Fact]
    public void The_first_failure_is_logged_and_then_one_a_minute()
    {
        var clock = new StoppedClock();
        var failure = new RepeatedFailure(clock);
        var logged = 0;
        for (var second = 0; second < 150; second++, clock.Seconds++)
            logged += failure.Failed() ? 1 : 0;

        Assert.Equal(3, logged);
    }

    [Fact]
    public void A_failure_after_a_success_is_logged_at_once()
    {
        var failure = new RepeatedFailure(new StoppedClock());
        Assert.False(failure.Succeeded());
        Assert.True(failure.Failed());
        Assert.False(failure.Failed());
        Assert.True(failure.Succeeded());
        Assert.True(failure.Failed());
    }

    private sealed class StoppedClock : TimeProvider
    {
        public long Seconds { get; set; } = 1_000;

        public override long GetTimestamp() => Seconds * TimestampFrequency;
    }
}
