using System.Collections.Concurrent;
using System.Text;

namespace KvAspire.TestKit;

/// <summary>
/// Requests that nobody in good faith would send, made up from a seed: bodies that are no JSON or no form, or of the wrong
/// types, sizes, depths and encodings, under content types that are not theirs, in frames that lie about their length. They
/// are written by hand, since a client library would refuse to send most of them.
/// </summary>
public sealed class HostileRequests(Uri address, int seed)
{
    /// <summary>The endpoints that anybody may post to.</summary>
    public static readonly string[] Endpoints = ["/api/register", "/api/token", "/connect/token", "/connect/revocation", "/connect/introspect"];

    private const int Parallel = 8;

    /// <summary>Sends so many to an endpoint.</summary>
    /// <returns>How often each status was answered (0: the connection was closed), and the requests that got a 5xx.</returns>
    public async Task<(IReadOnlyDictionary<int, int> Statuses, IReadOnlyList<string> Failures)> SendAsync(
        string path, int count, CancellationToken cancellationToken)
    {
        ConcurrentDictionary<int, int> statuses = [];
        ConcurrentQueue<string> failures = [];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken };
        await System.Threading.Tasks.Parallel.ForAsync(0, count, options, async (number, cancel) =>
        {
            // Each from a seed of its own, so that one can be sent again alone.
            var random = new Random(unchecked((seed * 7_919) + number));
            var (request, endsThere) = new HostileRequest(random, path).Bytes(address.Authority);
            var answer = await RawAnswer.ExchangeAsync(address, request, endsThere, cancel);
            statuses.AddOrUpdate(answer.Status, 1, (_, times) => times + 1);
            if (answer.Status >= 500)
                failures.Enqueue($"seed {seed}, number {number}: {answer}\n{Encoding.Latin1.GetString(request.AsSpan(0, Math.Min(request.Length, 2_000)))}");
        });
        return (statuses, [.. failures]);
    }
}
