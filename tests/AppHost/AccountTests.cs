using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;
using KvAspire.TestKit;
using Npgsql;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>Accounts, in both services.</summary>
public sealed class AccountTests(RunningSystem system)
{
    private const string NewPassword = "another_long_passphrase";

    // Every service knows a revocation after this time.
    private static readonly TimeSpan Revoked = TimeSpan.FromSeconds(20);

    // The second step of the erasure comes 15 seconds after the first.
    private static readonly TimeSpan Erased = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_reads_and_changes_the_account()
    {
        var account = await system.RegisterAsync(Cancel);
        using var gateway = system.Client("gateway", account.AccessToken);

        using var changed = await gateway.PatchAsJsonAsync("/api/account", new { full_name = "Jane Doe", age = 31 }, Cancel);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);

        var read = (await gateway.GetFromJsonAsync<JsonNode>("/api/account", Cancel))!["data"]!;
        Assert.Equal(account.UserId, read["user_id"]!.GetValue<string>());
        Assert.Equal("Jane Doe", read["full_name"]!.GetValue<string>());
        Assert.Equal(31, read["age"]!.GetValue<int>());
        Assert.Equal("user", read["role"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_changed_password_ends_all_other_sessions_but_not_this_one()
    {
        var account = await system.RegisterAsync(Cancel);
        var other = await SignInAsync(account.Username, Account.Password);
        using var gateway = system.Client("gateway", account.AccessToken);

        using var wrong = await gateway.PostAsJsonAsync("/api/account/password", new { old_password = NewPassword, new_password = NewPassword }, Cancel);
        await Envelope.AssertErrorAsync(wrong, 403, "WRONG_PASSWORD", "The provided password is incorrect.", Cancel);
        using var changed = await gateway.PostAsJsonAsync("/api/account/password", new { old_password = Account.Password, new_password = NewPassword }, Cancel);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);

        await EventuallyRefusedAsync(other);
        Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync("/api/account", Cancel)).StatusCode);
        Assert.Null(await TrySignInAsync(account.Username, Account.Password));
        Assert.NotNull(await TrySignInAsync(account.Username, NewPassword));
    }

    [Fact]
    public async Task An_export_contains_the_data_of_both_services()
    {
        var account = await system.RegisterAsync(Cancel);
        using var gateway = system.Client("gateway", account.AccessToken);
        using var stored = await gateway.PostAsJsonAsync("/api/data", new { key = "exported", value = new { n = 1 } }, Cancel);
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);

        var export = await gateway.GetStringAsync("/api/account/export", Cancel);

        Assert.Contains(account.Username, export, StringComparison.Ordinal);
        Assert.DoesNotContain("password_hash", export, StringComparison.OrdinalIgnoreCase);
        var entries = JsonNode.Parse(export)!.ToJsonString();
        Assert.Contains("\"exported\"", entries, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_account_leaves_nothing_in_either_database()
    {
        var account = await system.RegisterAsync(Cancel);
        using var gateway = system.Client("gateway", account.AccessToken);
        using var stored = await gateway.PostAsJsonAsync("/api/data", new { key = "erased", value = 1 }, Cancel);
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);

        using var unproven = await DeleteAsync(gateway, NewPassword);
        await Envelope.AssertErrorAsync(unproven, 403, "WRONG_PASSWORD", "The provided password is incorrect.", Cancel);
        using var accepted = await DeleteAsync(gateway, Account.Password);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);

        Assert.Null(await TrySignInAsync(account.Username, Account.Password));
        await EventuallyRefusedAsync(account.AccessToken);
        await EventuallyAsync(async () => await CountAsync("identitydb", account.UserId) + await CountAsync("datadb", account.UserId) == 0, Erased, "Something is left.");
    }

    [Fact]
    public async Task An_administrator_finds_disables_and_enables_a_user_and_reads_it_in_the_audit_log()
    {
        var account = await system.RegisterAsync(Cancel);
        using var gateway = system.Client("gateway", await SignInAsync("admin", RunningSystem.FirstAdminPassword));

        var found = (await gateway.GetFromJsonAsync<JsonNode>($"/api/admin/users?search={account.Username}", Cancel))!["data"]!["items"]!.AsArray();
        Assert.Equal(account.UserId, Assert.Single(found)!["user_id"]!.GetValue<string>());

        using var disabled = await gateway.PatchAsJsonAsync($"/api/admin/users/{account.UserId}", new { disabled = true }, Cancel);
        Assert.Equal(HttpStatusCode.OK, disabled.StatusCode);
        Assert.Null(await TrySignInAsync(account.Username, Account.Password));
        await EventuallyRefusedAsync(account.AccessToken);
        using var enabled = await gateway.PatchAsJsonAsync($"/api/admin/users/{account.UserId}", new { disabled = false }, Cancel);
        Assert.Equal(HttpStatusCode.OK, enabled.StatusCode);
        Assert.NotNull(await TrySignInAsync(account.Username, Account.Password));

        var kinds = (await gateway.GetFromJsonAsync<JsonNode>($"/api/admin/audit?subject={account.UserId}", Cancel))!["data"]!["items"]!.AsArray()
            .Select(audited => audited!["kind"]!.GetValue<string>()).ToList();
        Assert.Contains("user.registered", kinds);
        Assert.Contains("user.disabled", kinds);
        Assert.Contains("user.enabled", kinds);
    }

    [Fact]
    public async Task A_user_cannot_call_the_admin_API()
    {
        var account = await system.RegisterAsync(Cancel);
        using var gateway = system.Client("gateway", account.AccessToken);

        foreach (var path in new[] { "/api/admin/users", "/api/admin/audit", $"/api/admin/users/{account.UserId}" })
            Assert.Equal(HttpStatusCode.Forbidden, (await gateway.GetAsync(path, Cancel)).StatusCode);
    }

    private static Task<HttpResponseMessage> DeleteAsync(HttpClient gateway, string password) => gateway.SendAsync(
        new HttpRequestMessage(HttpMethod.Delete, "/api/account") { Content = JsonContent.Create(new { password }) }, Cancel);

    private async Task<string> SignInAsync(string username, string password) =>
        await TrySignInAsync(username, password) ?? throw new InvalidOperationException($"{username} cannot sign in.");

    // Null after a refusal.
    private async Task<string?> TrySignInAsync(string username, string password)
    {
        using var gateway = system.Client("gateway");
        using var answer = await gateway.PostAsJsonAsync("/api/token", new { username, password }, Cancel);
        if (answer.StatusCode is HttpStatusCode.Unauthorized)
            return null;

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var session = (await answer.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["data"]!;
        system.Secrets.Add(password);
        system.Secrets.Add(session["refresh_token"]!.GetValue<string>());
        return session["access_token"]!.GetValue<string>();
    }

    private async Task EventuallyRefusedAsync(string token)
    {
        foreach (var resource in new[] { "gateway", "data" })
        {
            using var client = system.Client(resource, token);
            await EventuallyAsync(
                async () => (await client.GetAsync("/api/data/any", Cancel)).StatusCode is HttpStatusCode.Unauthorized, Revoked, $"{resource} still takes the token.");
        }
    }

    private static async Task EventuallyAsync(Func<Task<bool>> claim, TimeSpan patience, string otherwise)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await claim())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < patience, otherwise);
            await Task.Delay(250, Cancel);
        }
    }

    // The rows of all tables that contain the user's data. The audit log keeps the opaque id only.
    private async Task<long> CountAsync(string database, string userId)
    {
        await using var connection = new NpgsqlConnection(await system.App.GetConnectionStringAsync(database, Cancel));
        await connection.OpenAsync(Cancel);
        await using var tables = new NpgsqlCommand(
            "SELECT coalesce(string_agg(format('SELECT count(*) FROM %I t WHERE t::text LIKE ''%%'' || $1 || ''%%''', tablename), ' UNION ALL '), 'SELECT 0::bigint') "
            + "FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'audit_events%' AND tablename <> 'revocations'", connection);
        var counts = (string)(await tables.ExecuteScalarAsync(Cancel))!;
        await using var count = new NpgsqlCommand($"SELECT sum(c) FROM ({counts}) AS counts(c)", connection) { Parameters = { new() { Value = userId } } };
        return Convert.ToInt64(await count.ExecuteScalarAsync(Cancel), System.Globalization.CultureInfo.InvariantCulture);
    }
}
