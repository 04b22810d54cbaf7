using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>A registered user.</summary>
public sealed record Account(string UserId, string Username, string AccessToken)
{
    public const string Password = "secure_password123";

    /// <summary>Registers a user with a name of its own, and signs in.</summary>
    public static async Task<Account> RegisterAsync(HttpClient gateway, CancellationToken cancellationToken)
    {
        var username = $"user_{Guid.NewGuid():N}";
        var registration = new { username, email = $"{username}@example.com", password = Password, full_name = "John Doe" };
        using var registered = await gateway.PostAsJsonAsync("/api/register", registration, cancellationToken);
        Assert.Equal(HttpStatusCode.Created, registered.StatusCode);

        using var signedIn = await gateway.PostAsJsonAsync("/api/token", new { username, password = Password }, cancellationToken);
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);

        return new(await TextAsync(registered, "user_id"), username, await TextAsync(signedIn, "access_token"));

        async Task<string> TextAsync(HttpResponseMessage answer, string name) =>
            (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!["data"]![name]!.GetValue<string>();
    }
}
