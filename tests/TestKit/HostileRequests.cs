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

    /// <summary>Sends so many to an endpoint.</summary>
    /// <returns>How often each status was answered (0: the connection was closed), and the requests that got a 5xx.</returns>
    public Task<(IReadOnlyDictionary<int, int> Statuses, IReadOnlyList<string> Failures)> SendAsync(
        string path, int count, CancellationToken cancellationToken) =>
        SeededLoad.SendAsync(address, seed, count, random =>
        {
            var (request, endsThere) = new HostileRequest(random, path).Bytes(address.Authority);
            return (request, endsThere, answer => answer.Status >= 500 ? $"{answer}\n{Encoding.Latin1.GetString(request.AsSpan(0, Math.Min(request.Length, 2_000)))}" : null);
        }, cancellationToken);
}
