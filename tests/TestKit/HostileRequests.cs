using System.Text;

namespace KvAspire.TestKit;

/// <summary>
/// Hostile requests that a seed generates: bodies that are no JSON or no form, or have wrong types, sizes, depths and encodings,
/// wrong content types and wrong framing. Raw bytes, since a client library refuses to send most of them.
/// </summary>
public sealed class HostileRequests(Uri address, int seed)
{
    /// <summary>The POST endpoints without authentication.</summary>
    public static readonly string[] Endpoints = ["/api/register", "/api/token", "/connect/token", "/connect/revocation", "/connect/introspect"];

    /// <summary>Sends requests to an endpoint.</summary>
    /// <returns>The number of responses of each status (0: the connection was closed), and the requests that got a 5xx.</returns>
    public Task<(IReadOnlyDictionary<int, int> Statuses, IReadOnlyList<string> Failures)> SendAsync(
        string path, int count, CancellationToken cancellationToken) =>
        SeededLoad.SendAsync(address, seed, count, random =>
        {
            var (request, endsThere) = new HostileRequest(random, path).Bytes(address.Authority);
            return (request, endsThere, answer => answer.Status >= 500 ? $"{answer}\n{Encoding.Latin1.GetString(request.AsSpan(0, Math.Min(request.Length, 2_000)))}" : null);
        }, cancellationToken);
}
