using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.IdentityModel.JsonWebTokens;

namespace KvAspire.Identity.Tests;

/// <summary>The administrator that the migration creates where there is none.</summary>
public sealed partial class FirstAdminTests(IdentityFixture identity)
{
    private const string Given = "a given passphrase of tests", Another = "another passphrase of tests";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Administrator_with_a_configured_password_is_created_once_and_signs_in()
    {
        var database = await DatabaseWithoutAdministratorAsync();
        var first = await MigrateAsync(database, ("Username", "boss"), ("Email", "boss@example.com"), ("Password", Given));
        Assert.Equal((0, "", "The first administrator is boss."), (first.ExitCode, first.Error, News(first)));
        Assert.DoesNotContain(Given, first.Output, StringComparison.Ordinal);
        var made = await UsersAsync(database);
        Assert.StartsWith("boss|boss@example.com|admin|", Assert.Single(made), StringComparison.Ordinal);

        var again = await MigrateAsync(database, ("Username", "another"), ("Email", "another@example.com"), ("Password", Another));
        Assert.Equal((0, "", ""), (again.ExitCode, again.Error, News(again)));
        Assert.Equal(made, await UsersAsync(database));

        await using var service = IdentityService.Start(database);
        using var admin = service.ClientWith(await new Person("boss", "boss@example.com", Given).SignInAsync(service.Client, Cancelled));
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/admin/users", Cancelled)).StatusCode);
        Assert.Equal(["user.registered|success||{\"role\": \"admin\"}"], await IdentityFixture.QueryAsync(
            database, "SELECT kind, outcome, actor, details FROM audit_events WHERE subject IN (SELECT id FROM users) AND kind = 'user.registered'", Cancelled));
    }

    [Fact]
    public async Task Administrator_without_a_configured_password_gets_one_that_is_shown_once()
    {
        var database = await DatabaseWithoutAdministratorAsync();
        var first = await MigrateAsync(database);
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        var password = Shown().Match(News(first)).Groups[1].Value;
        Assert.Equal(20, password.Length);
        Assert.Equal(2, first.Output.Split(password).Length);
        IdentityService.Witness.Mind(password);

        var again = await MigrateAsync(database);
        Assert.Equal((0, "", ""), (again.ExitCode, again.Error, News(again)));
        Assert.Equal(["True"], await IdentityFixture.QueryAsync(database, "SELECT must_change_password FROM users", Cancelled));
        await using var service = IdentityService.Start(database);
        Assert.NotEmpty(await (Person.Admin with { Password = password }).SignInAsync(service.Client, Cancelled));
    }

    [Theory]
    [InlineData("GET", "/api/admin/users")]
    [InlineData("GET", "/api/admin/audit")]
    [InlineData("POST", "/api/admin/clients")]
    [InlineData("GET", "/api/account")]
    [InlineData("PATCH", "/api/account")]
    [InlineData("DELETE", "/api/account")]
    [InlineData("GET", "/api/account/export")]
    [InlineData("GET", "/api/account/sessions")]
    [InlineData("POST", "/api/keys")]
    [InlineData("GET", "/connect/userinfo")]
    [InlineData("POST", "/api/logout")]
    public async Task Password_that_was_made_up_allows_nothing_but_its_change(string method, string path)
    {
        var (person, _) = await MustChangeAsync();
        using var client = identity.Service.ClientWith(await person.SignInAsync(identity.Client, Cancelled));
        using var request = new HttpRequestMessage(new(method), path);
        using var refused = await client.SendAsync(request, Cancelled);
        const string Sentence = "Please change your password first, with POST /api/account/password. Then sign in again.";
        if (path is "/connect/userinfo")
            await Envelope.AssertOAuthErrorAsync(refused, 403, "insufficient_scope", Sentence, Cancelled);
        else
            await Envelope.AssertErrorAsync(refused, 403, "PASSWORD_CHANGE_REQUIRED", Sentence, Cancelled);
    }

    [Fact]
    public async Task After_the_change_of_a_made_up_password_the_session_gets_its_scopes_at_the_next_refresh()
    {
        var (person, id) = await MustChangeAsync();
        var (access, refresh) = await person.BeginSessionAsync(identity.Client, Cancelled);
        Assert.Equal("kv:password", new JsonWebToken(access).GetClaim("scope").Value);
        var early = await RefreshAsync(refresh);
        Assert.Equal("kv:password", early["scope"]!.GetValue<string>());

        using var client = identity.Service.ClientWith(access);
        using var same = await client.PostAsJsonAsync("/api/account/password", new { new_password = person.Password }, Cancelled);
        await Envelope.AssertErrorAsync(same, 400, "INVALID_PASSWORD",
            "The provided password does not meet the requirements. It must differ from the current one.", Cancelled);
        using var changed = await client.PostAsJsonAsync("/api/account/password", new { new_password = Another }, Cancelled);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal(["False"], await IdentityFixture.QueryAsync(identity.Service.Database, $"SELECT must_change_password FROM users WHERE id = '{id}'", Cancelled));

        const string All = "kv:read kv:write kv:account kv:admin";
        Assert.Equal(All, (await RefreshAsync(early["refresh_token"]!.GetValue<string>()))["scope"]!.GetValue<string>());
        Assert.Equal(All, new JsonWebToken(await (person with { Password = Another }).SignInAsync(identity.Client, Cancelled)).GetClaim("scope").Value);
    }

    [Fact]
    public async Task Registered_client_gets_no_token_while_the_password_must_be_changed()
    {
        var (person, _) = await MustChangeAsync();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["client_id"] = "own-client",
            ["client_secret"] = IdentityService.ClientSecret,
            ["username"] = person.Username,
            ["password"] = person.Password,
        });
        using var refused = await identity.Client.PostAsync("/connect/token", form, Cancelled);
        Assert.StartsWith("""{"error":"invalid_scope",""", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ADMIN", "boss@example.com", "The provided username is already taken. Please choose a different username.")]
    [InlineData("boss", "Admin@KvAspire.invalid", "The provided email is already registered. Please use a different email address.")]
    public async Task A_user_with_the_configured_name_does_not_become_an_administrator(string username, string email, string message)
    {
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        await IdentityFixture.QueryAsync(database, "UPDATE users SET role = 'user'", Cancelled);
        var before = await UsersAsync(database);

        var refused = await MigrateAsync(database, ("Username", username), ("Email", email), ("Password", Given));
        Assert.Equal((0, "", $"No administrator was made: {message} Set FirstAdmin:Username and FirstAdmin:Email to others."), (refused.ExitCode, refused.Error, News(refused)));
        Assert.Equal(before, await UsersAsync(database));

        var made = await MigrateAsync(database, ("Username", "boss"), ("Email", "boss@example.com"), ("Password", Given));
        Assert.Equal("The first administrator is boss.", News(made));
    }

    [Theory]
    [InlineData("Password", "short", "FirstAdmin:Password is not accepted. ")]
    [InlineData("Username", "not a name", "Set FirstAdmin:Username and FirstAdmin:Email to what can be registered, or leave them out.")]
    [InlineData("Email", "nowhere", "Set FirstAdmin:Username and FirstAdmin:Email to what can be registered, or leave them out.")]
    public async Task Invalid_settings_create_no_administrator_and_are_named(string setting, string value, string sentence)
    {
        var database = await DatabaseWithoutAdministratorAsync();
        var refused = await MigrateAsync(database, ("Username", "administrator"), (setting, value));

        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith($"identitydb could not be migrated: {sentence}", refused.Error, StringComparison.Ordinal);
        if (setting is "Password")
            Assert.DoesNotContain(value, refused.Error, StringComparison.Ordinal);
        Assert.Empty(await UsersAsync(database));
    }

    // An administrator as the migration makes one with a made-up password.
    private async Task<(Person Person, string Id)> MustChangeAsync()
    {
        var person = Person.New();
        var id = await person.RegisterAsync(identity.Client, Cancelled);
        await IdentityFixture.QueryAsync(
            identity.Service.Database, $"UPDATE users SET role = 'admin', must_change_password = true WHERE id = '{id}'", Cancelled);
        return (person, id);
    }

    private async Task<JsonNode> RefreshAsync(string token)
    {
        using var response = await identity.Client.PostAsJsonAsync("/api/token", new { grant_type = "refresh_token", refresh_token = token }, Cancelled);
        var data = (await response.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!;
        Person.RefreshTokens.Add(data["refresh_token"]!.GetValue<string>());
        return data;
    }

    private async Task<string> DatabaseWithoutAdministratorAsync()
    {
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        await IdentityFixture.QueryAsync(database, "DELETE FROM users", Cancelled);
        return database;
    }

    private static Task<ServiceProcess.Run> MigrateAsync(string database, params (string Name, string Value)[] admin)
    {
        var environment = new Dictionary<string, string> { ["ConnectionStrings__identitydb"] = IdentityFixture.Roles.Migrator(database) };
        foreach (var (name, value) in admin)
            environment[$"FirstAdmin__{name}"] = value;
        return ServiceProcess.RunAsync(["migrate"], environment, Cancelled);
    }

    private static string News(ServiceProcess.Run run) =>
        run.Output.Split('\n').SingleOrDefault(line => line.Contains("administrator", StringComparison.Ordinal)) ?? "";

    private static Task<IReadOnlyList<string>> UsersAsync(string database) =>
        IdentityFixture.QueryAsync(database, "SELECT user_name, email, role, password_hash FROM users ORDER BY id", Cancelled);

    [GeneratedRegex(@"^The first administrator is admin with the password (\S+) \(shown this once; it must be changed at the first sign-in\)\.$")]
    private static partial Regex Shown();
}
