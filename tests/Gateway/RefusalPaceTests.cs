using KvAspire.Gateway.Overload;
using Microsoft.AspNetCore.Http;

namespace KvAspire.Gateway.Tests;

/// <summary>Refusals that wait, on a clock that stands still: no turn ever comes.</summary>
public sealed class RefusalPaceTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_has_gone_does_not_wait_for_a_refusal_and_the_others_do()
    {
        using var pace = new RefusalPace(new() { RefusalsPerSecond = 1 }, new StoppedClock());
        using var leaves = new CancellationTokenSource();
        Assert.True(pace.WaitAsync(new DefaultHttpContext()).IsCompleted);
        var gone = pace.WaitAsync(new DefaultHttpContext { RequestAborted = leaves.Token });
        var stays = pace.WaitAsync(new DefaultHttpContext());
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
