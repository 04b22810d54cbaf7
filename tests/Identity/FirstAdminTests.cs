using System.Net;
using System.Text.RegularExpressions;
using KvAspire.Identity.Tests.Fixtures;

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
        await using var service = IdentityService.Start(database);
        using var admin = service.ClientWith(await (Person.Admin with { Password = password }).SignInAsync(service.Client, Cancelled));
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/admin/users", Cancelled)).StatusCode);
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

    private async Task<string> DatabaseWithoutAdministratorAsync()
    {
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        await IdentityFixture.QueryAsync(database, "DELETE FROM users", Cancelled);
        return database;
    }

    private static Task<ServiceProcess.Run> MigrateAsync(string database, params (string Name, string Value)[] admin)
    {
        var environment = new Dictionary<string, string> { ["ConnectionStrings__identitydb"] = database };
        foreach (var (name, value) in admin)
            environment[$"FirstAdmin__{name}"] = value;
        return ServiceProcess.RunAsync(["migrate"], environment, Cancelled);
    }

    private static string News(ServiceProcess.Run run) =>
        run.Output.Split('\n').SingleOrDefault(line => line.Contains("administrator", StringComparison.Ordinal)) ?? "";

    private static Task<IReadOnlyList<string>> UsersAsync(string database) =>
        IdentityFixture.QueryAsync(database, "SELECT user_name, email, role, password_hash FROM users ORDER BY id", Cancelled);

    [GeneratedRegex(@"^The first administrator is admin with the password (\S+) \(shown this once; change it after signing in\)\.$")]
    private static partial Regex Shown();
}
