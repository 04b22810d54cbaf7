using System.Collections.Concurrent;

namespace KvAspire.TestKit;

/// <summary>Raw requests that a seed generates, sent over sockets.</summary>
internal static class SeededLoad
{
    private const int Parallel = 8;

    /// <summary>Sends requests.</summary>
    /// <param name="address">The server.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="count">The number of requests.</param>
    /// <param name="next">Generates a request: its bytes, whether to half-close after them, and the check of the
    /// response.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The number of responses of each status (0: the connection was closed), and the objections of the
    /// checks.</returns>
    public static async Task<(IReadOnlyDictionary<int, int> Statuses, IReadOnlyList<string> Failures)> SendAsync(
        Uri address, int seed, int count, Func<Random, (byte[] Request, bool EndsThere, Func<RawAnswer, string?> Objection)> next,
        CancellationToken cancellationToken)
    {
        ConcurrentDictionary<int, int> statuses = [];
        ConcurrentQueue<string> failures = [];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken };
        await System.Threading.Tasks.Parallel.ForAsync(0, count, options, async (number, cancel) =>
        {
            // Each request has its own seed, so that it can be repeated alone.
            var (request, endsThere, objection) = next(new Random(unchecked((seed * 7_919) + number)));
            var answer = await RawAnswer.ExchangeAsync(address, request, endsThere, cancel);
            statuses.AddOrUpdate(answer.Status, 1, (_, times) => times + 1);
            if (objection(answer) is { } said)
                failures.Enqueue($"seed {seed}, number {number}: {said}");
        });
        return (statuses, [.. failures]);
    }
}
