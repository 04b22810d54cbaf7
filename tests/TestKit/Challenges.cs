using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace KvAspire.TestKit;

/// <summary>Asserts of every endpoint of a service that a 401 has a challenge (RFC 9110, section 15.5.2).</summary>
public static partial class Challenges
{
    /// <summary>All requests that a service answers: a method and a path.</summary>
    public static IEnumerable<(string Method, string Path)> RequestsOf(EndpointDataSource source) =>
        from endpoint in source.Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        select (method, PathOf(endpoint.RoutePattern.RawText!));

    /// <summary>A path that a route template matches.</summary>
    public static string PathOf(string template) => "/" + Parameter().Replace(template, "0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b").TrimStart('/');

    /// <summary>
    /// Sends each request without a token, with an invalid one, and with the credentials of an unknown client. Every 401 must have a
    /// challenge. Only an OAuth endpoint may challenge a client with a scheme for which browsers show a prompt.
    /// </summary>
    /// <returns>The number of 401s.</returns>
    public static async Task<int> CountAsync(
        HttpClient client, IEnumerable<(string Method, string Path)> requests, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var (method, path) in requests)
        {
            foreach (var authorization in new[] { null, "Bearer x.y.z", "Basic dW5rbm93bjp4" })
            {
                using var request = new HttpRequestMessage(new(method), path) { Content = Body(path) };
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if (response.StatusCode is not HttpStatusCode.Unauthorized)
                    continue;

                count++;
                var scheme = Assert.Single(response.Headers.WwwAuthenticate).Scheme;
                Assert.True(scheme is "Bearer" || path.StartsWith("/connect/", StringComparison.Ordinal), $"{method} {path} with {authorization}: {scheme}");
            }
        }

        return count;
    }

    private static StringContent Body(string path) => path.StartsWith("/connect/", StringComparison.Ordinal)
        ? new("grant_type=client_credentials&token=x", Encoding.UTF8, "application/x-www-form-urlencoded")
        : new("""{"username":"unknown","password":"wrong","api_key":"wrong"}""", Encoding.UTF8, "application/json");

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
