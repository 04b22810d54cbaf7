using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>A registered user.</summary>
public sealed record Account(string UserId, string Username, string AccessToken)
{
    public const string Password = "secure_password123";

    /// <summary>Registers a user with a unique name, and signs in.</summary>
    /// <param name="gateway">A client of the gateway.</param>
    /// <param name="secrets">Collects words that must not be in a log.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    public static async Task<Account> RegisterAsync(HttpClient gateway, ConcurrentBag<string> secrets, CancellationToken cancellationToken)
    {
        var username = $"user_{Guid.NewGuid():N}";
        var registration = new { username, email = $"{username}@example.com", password = Password, full_name = "John Doe" };
        using var registered = await gateway.PostAsJsonAsync("/api/register", registration, cancellationToken);
        Assert.Equal(HttpStatusCode.Created, registered.StatusCode);

        using var signedIn = await gateway.PostAsJsonAsync("/api/token", new { username, password = Password }, cancellationToken);
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);

        var (user, session) = (await DataAsync(registered), await DataAsync(signedIn));
        secrets.Add(session["refresh_token"]!.GetValue<string>());
        return new(user["user_id"]!.GetValue<string>(), username, session["access_token"]!.GetValue<string>());

        async Task<JsonNode> DataAsync(HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!["data"]!;
    }
}
