using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>The API of the previous application, on which its clients rely, through the gateway.</summary>
public sealed partial class SeedApiTests(RunningSystem system)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_registers_signs_in_stores_reads_updates_and_deletes()
    {
        using var gateway = system.Client("gateway");
        var username = $"user_{Guid.NewGuid():N}";

        using var registered = await gateway.PostAsync("/api/register", Json($$"""
            {"username":"{{username}}","email":"{{username}}@example.com","password":"secure_password123","full_name":"John Doe","age":30,"gender":"male"}
            """), Cancel);
        var userId = JsonNode.Parse(await registered.Content.ReadAsStringAsync(Cancel))!["data"]!["user_id"]!.GetValue<string>();
        await Envelope.AssertBodyAsync(registered, 201,
            $$$"""{"status":"success","message":"User successfully registered!","data":{"user_id":"{{{userId}}}","username":"{{{username}}}","email":"{{{username}}}@example.com","full_name":"John Doe","age":30,"gender":"male"}}""",
            Cancel);

        using var signedIn = await gateway.PostAsync("/api/token", Json($$"""{"username":"{{username}}","password":"secure_password123"}"""), Cancel);
        var data = JsonNode.Parse(await signedIn.Content.ReadAsStringAsync(Cancel))!["data"]!;
        var (token, refreshToken) = (data["access_token"]!.GetValue<string>(), data["refresh_token"]!.GetValue<string>());
        await Envelope.AssertBodyAsync(signedIn, 200,
            $$$"""{"status":"success","message":"Access token generated successfully.","data":{"access_token":"{{{token}}}","expires_in":3600,"token_type":"Bearer","refresh_token":"{{{refreshToken}}}","scope":"kv:read kv:write kv:account"}}""",
            Cancel);
        Assert.Equal("no-store", signedIn.Headers.CacheControl?.ToString());
        gateway.DefaultRequestHeaders.Authorization = new("Bearer", token);

        using var stored = await gateway.PostAsync("/api/data", Json("""{"key":"users/42","value":{"n":1.50,"a":[null,"é"]}}"""), Cancel);
        await Envelope.AssertBodyAsync(stored, 201, """{"status":"success","message":"Data stored successfully."}""", Cancel);
        Assert.Equal("/api/data/users/42", stored.Headers.Location?.ToString());
        Assert.Matches(StrongRevision(), stored.Headers.ETag?.ToString());

        using var read = await gateway.GetAsync("/api/data/users/42", Cancel);
        await Envelope.AssertBodyAsync(read, 200, """{"status":"success","data":{"key":"users/42","value":{"n":1.50,"a":[null,"é"]}}}""", Cancel);
        Assert.Equal(stored.Headers.ETag, read.Headers.ETag);

        using var again = await gateway.PostAsync("/api/data", Json("""{"key":"users/42","value":2}"""), Cancel);
        await Envelope.AssertErrorAsync(again, 409, "KEY_EXISTS",
            "The provided key already exists in the database. To update an existing key, use the update API.", Cancel);

        using var updated = await gateway.PutAsync("/api/data/users/42", Json("""{"value":"new"}"""), Cancel);
        await Envelope.AssertBodyAsync(updated, 200, """{"status":"success","message":"Data updated successfully."}""", Cancel);

        using var readAgain = await gateway.GetAsync("/api/data/users/42", Cancel);
        await Envelope.AssertBodyAsync(readAgain, 200, """{"status":"success","data":{"key":"users/42","value":"new"}}""", Cancel);

        using var deleted = await gateway.DeleteAsync("/api/data/users/42", Cancel);
        await Envelope.AssertBodyAsync(deleted, 200, """{"status":"success","message":"Data deleted successfully."}""", Cancel);

        using var gone = await gateway.GetAsync("/api/data/users/42", Cancel);
        await Envelope.AssertErrorAsync(gone, 404, "KEY_NOT_FOUND", "The provided key does not exist in the database.", Cancel);
    }

    [Fact]
    public async Task Two_users_with_the_same_key_never_see_each_others_value_in_the_cache_either()
    {
        var (one, other) = (await system.RegisterAsync(Cancel), await system.RegisterAsync(Cancel));
        using var first = system.Client("gateway", one.AccessToken);
        using var second = system.Client("gateway", other.AccessToken);
        await first.PostAsJsonAsync("/api/data", new { key = "shared", value = "first" }, Cancel);

        using var unseen = await second.GetAsync("/api/data/shared", Cancel);
        await Envelope.AssertErrorAsync(unseen, 404, "KEY_NOT_FOUND", "The provided key does not exist in the database.", Cancel);

        await second.PostAsJsonAsync("/api/data", new { key = "shared", value = "second" }, Cancel);
        for (var round = 0; round < 3; round++)
        {
            Assert.Contains("\"value\":\"first\"", await first.GetStringAsync("/api/data/shared", Cancel), StringComparison.Ordinal);
            Assert.Contains("\"value\":\"second\"", await second.GetStringAsync("/api/data/shared", Cancel), StringComparison.Ordinal);
        }

        using var cached = await first.GetAsync("/api/data/shared", Cancel);
        Assert.Contains("hit", cached.Headers.GetValues("Cache-Status").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_kv_demo_succeeds_against_the_running_system()
    {
        using var gateway = system.Client("gateway");
        var (exitCode, output) = await KvScript.RunAsync(["demo", gateway.BaseAddress!.ToString().TrimEnd('/')], Cancel);

        Assert.True(exitCode == 0, output);
        Assert.Contains("""{"status":"success","message":"Data stored successfully."}""", output, StringComparison.Ordinal);
    }

    private static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");

    [GeneratedRegex("^\"[0-9]+\"$")]
    private static partial Regex StrongRevision();
}
