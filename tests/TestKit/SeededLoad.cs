using System.Collections.Concurrent;

namespace KvAspire.TestKit;

/// <summary>Requests by hand, made up from a seed and sent over sockets, and what came of them.</summary>
internal static class SeededLoad
{
    private const int Parallel = 8;

    /// <summary>Sends so many.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="seed">What they are made up from.</param>
    /// <param name="count">How many.</param>
    /// <param name="next">Makes one up: its bytes, whether they end there, and what to say against an answer, if anything.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How often each status was answered (0: the connection was closed), and what was said against answers.</returns>
    public static async Task<(IReadOnlyDictionary<int, int> Statuses, IReadOnlyList<string> Failures)> SendAsync(
        Uri address, int seed, int count, Func<Random, (byte[] Request, bool EndsThere, Func<RawAnswer, string?> Objection)> next,
        CancellationToken cancellationToken)
    {
        ConcurrentDictionary<int, int> statuses = [];
        ConcurrentQueue<string> failures = [];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken };
        await System.Threading.Tasks.Parallel.ForAsync(0, count, options, async (number, cancel) =>
        {
            // Each from a seed of its own, so that one can be sent again alone.
            var (request, endsThere, objection) = next(new Random(unchecked((seed * 7_919) + number)));
            var answer = await RawAnswer.ExchangeAsync(address, request, endsThere, cancel);
            statuses.AddOrUpdate(answer.Status, 1, (_, times) => times + 1);
            if (objection(answer) is { } said)
                failures.Enqueue($"seed {seed}, number {number}: {said}");
        });
        return (statuses, [.. failures]);
    }
}
