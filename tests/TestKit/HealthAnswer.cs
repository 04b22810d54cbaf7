using System.Text.Json;

namespace KvAspire.TestKit;

/// <summary>An answer of <c>/health</c>.</summary>
/// <param name="StatusCode">The status code.</param>
/// <param name="Status">The status of the service.</param>
/// <param name="Checks">The status and the description of each check, by its name.</param>
public sealed record HealthAnswer(int StatusCode, string Status, IReadOnlyDictionary<string, (string Status, string? Description)> Checks)
{
    /// <summary>Asks a service.</summary>
    public static async Task<HealthAnswer> AskAsync(HttpClient client, CancellationToken cancellationToken, Uri? address = null)
    {
        using var response = await client.GetAsync(address ?? new Uri("/health", UriKind.Relative), cancellationToken);
        return await ReadAsync(response, cancellationToken);
    }

    /// <summary>Reads an answer.</summary>
    public static async Task<HealthAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        return new((int)response.StatusCode, body.RootElement.GetProperty("status").GetString()!,
            body.RootElement.GetProperty("checks").EnumerateObject().ToDictionary(check => check.Name, check => (
                check.Value.GetProperty("status").GetString()!,
                check.Value.TryGetProperty("description", out var text) ? text.GetString() : null)));
    }

    /// <summary>The checks that are not healthy.</summary>
    public IEnumerable<string> Ailing => Checks.Where(check => check.Value.Status != "healthy").Select(check => check.Key).Order();
}
