using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace KvAspire.Identity.Tests.Fixtures;

/// <summary>A person who can register and sign in.</summary>
public sealed record Person(string Username, string Email, string Password = Person.GoodPassword)
{
    /// <summary>A password that the policy accepts.</summary>
    public const string GoodPassword = "secure_password123";

    /// <summary>The administrator that the migration creates.</summary>
    public static Person Admin { get; } = new("admin", "admin@kvaspire.invalid", "an administrator of tests");

    /// <summary>All issued refresh tokens.</summary>
    public static ConcurrentBag<string> RefreshTokens { get; } = [];

    /// <summary>A person that no other test knows.</summary>
    public static Person New()
    {
        var name = $"u{Guid.NewGuid():N}";
        return new(name, $"{name}@example.com");
    }

    /// <summary>The body of a registration.</summary>
    public JsonObject Registration => new()
    {
        ["username"] = Username,
        ["email"] = Email,
        ["password"] = Password,
        ["full_name"] = "John Doe",
        ["age"] = 30,
        ["gender"] = "male",
    };

    /// <summary>The body of a sign-in.</summary>
    public JsonObject Credentials => new() { ["username"] = Username, ["password"] = Password };

    /// <summary>Registers, and returns the user's id.</summary>
    public async Task<string> RegisterAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var response = await client.PostAsync("/api/register", Json(Registration), cancellationToken);
        var body = await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken);
        Assert.True((int)response.StatusCode == 201, body?.ToJsonString());
        return body!["data"]!["user_id"]!.GetValue<string>();
    }

    /// <summary>Signs in, and returns the access token.</summary>
    public async Task<string> SignInAsync(HttpClient client, CancellationToken cancellationToken) =>
        (await BeginSessionAsync(client, cancellationToken)).Access;

    /// <summary>Signs in, and returns the access token and the refresh token.</summary>
    public async Task<(string Access, string Refresh)> BeginSessionAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var response = await client.PostAsync("/api/token", Json(Credentials), cancellationToken);
        var body = await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken);
        Assert.True((int)response.StatusCode == 200, body?.ToJsonString());
        var refresh = body!["data"]!["refresh_token"]!.GetValue<string>();
        RefreshTokens.Add(refresh);
        return (body["data"]!["access_token"]!.GetValue<string>(), refresh);
    }

    /// <summary>A request body.</summary>
    public static StringContent Json(JsonNode body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");
}
