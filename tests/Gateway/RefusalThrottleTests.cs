using KvAspire.Gateway.Admission.Gates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Tests;

/// <summary>Delayed refusals. The clock stands still, so that none ever leaves.</summary>
public sealed class RefusalThrottleTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_that_disconnects_does_not_wait_for_its_refusal_and_others_do()
    {
        using var throttle = new RefusalThrottle(Options.Create(new OverloadOptions { RefusalsPerSecond = 1 }), new StoppedClock());
        using var leaves = new CancellationTokenSource();
        Assert.True(throttle.WaitAsync(new DefaultHttpContext()).IsCompleted);
        var gone = throttle.WaitAsync(new DefaultHttpContext { RequestAborted = leaves.Token });
        var stays = throttle.WaitAsync(new DefaultHttpContext());
        Assert.False(gone.IsCompleted);

        await leaves.CancelAsync();

        await gone.WaitAsync(TimeSpan.FromSeconds(10), Cancelled);
        Assert.False(stays.IsCompleted);
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
