// These tests wait for processes most of the time.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]

namespace KvAspire.Hosting.Tests;

/// <summary>How long a test waits for something that should take a second or two, on a machine that has much else to do.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    public static CancellationTokenSource Start() =>
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken).After(Limit);

    /// <summary>Asks again and again until the answer is yes.</summary>
    public static async Task UntilAsync(Func<bool> done, string what)
    {
        using var patience = Start();
        while (!done())
        {
            if (patience.IsCancellationRequested)
                Assert.Fail($"It did not come to this: {what}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static CancellationTokenSource After(this CancellationTokenSource source, TimeSpan limit)
    {
        source.CancelAfter(limit);
        return source;
    }
}
