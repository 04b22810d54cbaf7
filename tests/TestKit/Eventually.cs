using System.Diagnostics;
using Xunit;

namespace KvAspire.TestKit;

/// <summary>Waits for what takes a moment.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20), Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until a claim is true.</summary>
    public static async Task TrueAsync(Func<Task<bool>> claim, string otherwise, CancellationToken cancellationToken)
    {
        for (var clock = Stopwatch.StartNew(); !await claim();)
        {
            Assert.True(clock.Elapsed < Patience, otherwise);
            await Task.Delay(Pause, cancellationToken);
        }
    }
}
