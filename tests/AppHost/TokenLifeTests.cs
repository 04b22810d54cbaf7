using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Npgsql;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>A system of its own with two identity replicas: these tests rotate the keys and restart replicas.</summary>
public sealed class RotatingSystem() : RunningSystem(["--Replicas:Identity=2"]);

public sealed class TokenLifeTests(RotatingSystem system) : IClassFixture<RotatingSystem>
{
    private const int Rotations = 3;

    private static readonly TimeSpan WithinSeconds = TimeSpan.FromSeconds(5);

    // KVASPIRE_ROTATION_SECONDS=60 is the long form: three rotations, each with its key in use before the next.
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(
        int.Parse(Environment.GetEnvironmentVariable("KVASPIRE_ROTATION_SECONDS") ?? "24", CultureInfo.InvariantCulture));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_keys_rotate_and_a_replica_of_identity_restarts_no_valid_token_is_refused()
    {
        var account = await system.RegisterAsync(Cancel);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        enough.CancelAfter(Duration);
        ConcurrentDictionary<HttpStatusCode, int> statuses = [];
        ConcurrentDictionary<string, int> keys = [];

        var load = Task.WhenAll(
            [.. Enumerable.Range(0, 4).Select(_ => UseAsync(account.AccessToken, statuses, enough.Token)), RenewAsync(account, statuses, keys, enough.Token)]);
        var isLong = Duration >= TimeSpan.FromSeconds(60);
        for (var rotation = 0; rotation < (isLong ? Rotations : 1); rotation++)
        {
            var rotated = await system.App.ResourceCommands.ExecuteCommandAsync("identity", "rotate-signing-keys", Cancel);
            Assert.True(rotated.Success, rotated.Message);
            if (rotation == 0)
                await RestartAsync("identity-2");
            await Task.Delay(TimeSpan.FromSeconds(isLong ? 18 : 1), Cancel);
        }

        await load;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{string.Join(", ", statuses.Select(status => $"{status.Value} x {(int)status.Key}"))}; {keys.Count} keys: {string.Join(", ", keys.Values)} tokens");
        Assert.Equal(0, statuses.GetValueOrDefault(HttpStatusCode.Unauthorized));
        Assert.True(statuses.GetValueOrDefault(HttpStatusCode.OK) > 100);
        Assert.True(keys.Count >= 2, "No new key came into use.");
    }

    [Fact]
    public async Task A_replayed_refresh_token_ends_the_whole_session_everywhere_within_5_seconds()
    {
        using var gateway = system.Client("gateway");
        var account = await system.RegisterAsync(Cancel);
        var first = await SignInAsync(gateway, account.Username);
        var thiefs = await RefreshAsync(gateway, first.Refresh);
        var victims = await RefreshAsync(gateway, thiefs!.Value.Refresh);
        using var thief = system.Client("gateway", thiefs.Value.Access);
        using var victim = system.Client("gateway", victims!.Value.Access);
        using var atData = system.Client("data", first.Access);
        foreach (var client in new[] { thief, victim, atData })
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/data/k", Cancel)).StatusCode);

        await OutliveTheGraceAsync(account.UserId);
        Assert.Null(await RefreshAsync(gateway, first.Refresh));
        var clock = Stopwatch.StartNew();

        foreach (var client in new[] { thief, victim, atData })
        {
            while ((await client.GetAsync("/api/data/k", Cancel)).StatusCode is not HttpStatusCode.Unauthorized)
            {
                Assert.True(clock.Elapsed < WithinSeconds, "A token still works.");
                await Task.Delay(50, Cancel);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"All refused after {clock.Elapsed.TotalMilliseconds:0} ms");
        Assert.Null(await RefreshAsync(gateway, victims.Value.Refresh));
    }

    [Fact]
    public async Task An_API_key_reads_and_writes_through_the_gateway_until_it_is_revoked()
    {
        var account = await system.RegisterAsync(Cancel);
        using var user = system.Client("gateway", account.AccessToken);
        using var created = await user.PostAsync("/api/keys", Json("""{"name":"ci","scopes":["kv:read","kv:write"],"key_prefix":"builds/"}"""), Cancel);
        var data = (await created.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["data"]!;
        system.Secrets.Add(data["key"]!.GetValue<string>());
        using var machine = system.Client("gateway", data["key"]!.GetValue<string>());

        using var stored = await machine.PostAsync("/api/data", Json("""{"key":"builds/1","value":1}"""), Cancel);
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await machine.GetAsync("/api/data/builds/1", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await user.GetAsync("/api/data/builds/1", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await machine.GetAsync("/api/keys", Cancel)).StatusCode);

        await user.DeleteAsync($"/api/keys/{data["id"]}", Cancel);
        var clock = Stopwatch.StartNew();
        while ((await machine.GetAsync("/api/data/builds/1", Cancel)).StatusCode is not HttpStatusCode.Unauthorized)
        {
            Assert.True(clock.Elapsed < WithinSeconds, "The key still works.");
            await Task.Delay(50, Cancel);
        }
    }

    // Uses an old token repeatedly.
    private async Task UseAsync(string token, ConcurrentDictionary<HttpStatusCode, int> statuses, CancellationToken enough)
    {
        using var gateway = system.Client("gateway", token);
        for (var round = 0; round < 100_000 && !enough.IsCancellationRequested; round++)
        {
            Count(statuses, await AskAsync(gateway, "/api/data?limit=1"));
            Count(statuses, await AskAsync(gateway, "/api/account/sessions"));
            await Task.Delay(5, Cancel);
        }
    }

    // Uses each new token at once.
    private async Task RenewAsync(
        Account account, ConcurrentDictionary<HttpStatusCode, int> statuses, ConcurrentDictionary<string, int> keys, CancellationToken enough)
    {
        using var gateway = system.Client("gateway");
        var session = await SignInAsync(gateway, account.Username);
        for (var round = 0; round < 10_000 && !enough.IsCancellationRequested; round++)
        {
            if (await RefreshAsync(gateway, session.Refresh) is { } next)
            {
                session = next;
                var header = next.Access.Split('.')[0];
                keys.AddOrUpdate(header, 1, (_, count) => count + 1);
            }

            using var fresh = system.Client("gateway", session.Access);
            Count(statuses, await AskAsync(fresh, "/api/data?limit=1"));
            Count(statuses, await AskAsync(fresh, "/api/account/sessions"));
            await Task.Delay(50, Cancel);
        }
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path, Cancel);
        return response.StatusCode;
    }

    private static void Count(ConcurrentDictionary<HttpStatusCode, int> statuses, HttpStatusCode status) =>
        statuses.AddOrUpdate(status, 1, (_, count) => count + 1);

    private async Task RestartAsync(string replica)
    {
        var restarted = await system.App.ResourceCommands.ExecuteCommandAsync(replica, KnownResourceCommands.RestartCommand, Cancel);
        Assert.True(restarted.Success, restarted.Message);
    }

    private async Task OutliveTheGraceAsync(string userId)
    {
        await using var connection = new NpgsqlConnection(await system.App.GetConnectionStringAsync("identitydb", Cancel));
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(
            "UPDATE refresh_tokens SET used_at = used_at - interval '31 seconds' FROM sessions WHERE sessions.id = session_id AND user_id = $1", connection)
        {
            Parameters = { new() { Value = userId } },
        };
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task<(string Access, string Refresh)> SignInAsync(HttpClient gateway, string username)
    {
        using var response = await gateway.PostAsJsonAsync("/api/token", new { username, password = Account.Password }, Cancel);
        return await ReadAsync(response);
    }

    private async Task<(string Access, string Refresh)?> RefreshAsync(HttpClient gateway, string token)
    {
        using var response = await gateway.PostAsJsonAsync("/api/token", new { grant_type = "refresh_token", refresh_token = token }, Cancel);
        return response.StatusCode is HttpStatusCode.OK ? await ReadAsync(response) : null;
    }

    private async Task<(string Access, string Refresh)> ReadAsync(HttpResponseMessage response)
    {
        var data = (await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["data"]!;
        var (access, refresh) = (data["access_token"]!.GetValue<string>(), data["refresh_token"]!.GetValue<string>());
        system.Secrets.Add(refresh);
        return (access, refresh);
    }

    private static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");
}
