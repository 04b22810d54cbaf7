using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.Identity.Users;
using KvAspire.TestKit;

namespace KvAspire.Identity.Tests;

/// <summary>Domains beyond ASCII: an address with U-labels and one with their A-labels are the same address.</summary>
public sealed class EmailTests(IdentityFixture identity)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a@example.com", "A@EXAMPLE.COM")]
    [InlineData("\u00e4@example.com", "\u00c4@EXAMPLE.COM")]
    [InlineData("a@m\u00fcnchen.example", "A@XN--MNCHEN-3YA.EXAMPLE")]
    [InlineData("a@M\u00dcNCHEN.example", "A@XN--MNCHEN-3YA.EXAMPLE")]
    [InlineData("a@mu\u0308nchen.example", "A@XN--MNCHEN-3YA.EXAMPLE")]
    [InlineData("a@XN--mnchen-3ya.Example", "A@XN--MNCHEN-3YA.EXAMPLE")]
    [InlineData("a@\uff45xample.com", "A@EXAMPLE.COM")]
    [InlineData("a@\u4f8b\u3002\u30c6\u30b9\u30c8", "A@XN--FSQ.XN--ZCKZAH")]
    [InlineData("a@fa\u00df.example", "A@XN--FA-HIA.EXAMPLE")]
    [InlineData("m\u00fcller", "M\u00dcLLER")]
    public void Addresses_are_compared_with_their_domains_as_A_labels(string address, string form) =>
        Assert.Equal(form, EmailAddress.Normalize(address));

    [Fact]
    public async Task Domain_in_Unicode_and_as_A_label_is_one_account()
    {
        var name = $"u{Guid.NewGuid():N}";
        string[] spellings = [$"{name}@m\u00fcnchen.example", $"{name}@xn--mnchen-3ya.example", $"{name}@M\u00dcNCHEN.EXAMPLE", $"{name}@XN--MNCHEN-3YA.example"];
        foreach (var (index, email) in spellings.Index())
        {
            using var response = await identity.Client.PostAsync("/api/register", Person.Json(new Person($"{name}{index}", email).Registration), Cancelled);
            if (index == 0)
                Assert.Equal(email, (await response.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["email"]!.GetValue<string>());
            else
                await Envelope.AssertErrorAsync(response, 409, "EMAIL_EXISTS", "The provided email is already registered. Please use a different email address.", Cancelled);
        }

        using var admin = identity.Service.ClientWith(await identity.Service.SignInAdministratorAsync(Cancelled));
        foreach (var email in spellings)
        {
            var found = await admin.GetFromJsonAsync<JsonNode>($"/api/admin/users?search={Uri.EscapeDataString(email)}", Cancelled);
            Assert.Equal($"{name}0", found!["data"]!["items"]![0]!["username"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task Migration_renews_the_forms_of_earlier_releases_and_the_older_account_has_an_address_of_two()
    {
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        await IdentityFixture.QueryAsync(database,
            """
            INSERT INTO users (id, user_name, normalized_user_name, email, normalized_email, password_hash, full_name, created_at, email_confirmed, lockout_enabled, access_failed_count)
            SELECT n, n, upper(n), e, upper(e), 'x', 'x', timestamptz '2026-01-01' + day * interval '1 day', false, false, 0
            FROM (VALUES ('older u-label', U&'a@m\00FCnchen.example', 1), ('newer a-label', 'a@xn--mnchen-3ya.example', 2),
                ('older a-label', 'b@xn--mnchen-3ya.example', 1), ('newer u-label', U&'b@m\00FCnchen.example', 2),
                ('alone', U&'c@m\00FCnchen.example', 1), ('plain', 'd@example.com', 1)) AS earlier (n, e, day)
            """, Cancelled);

        for (var run = 0; run < 2; run++)
            Assert.Equal(0, (await ServiceProcess.MigrateAsync(database, Cancelled)).ExitCode);

        Assert.Equal(
            [
                "alone|C@XN--MNCHEN-3YA.EXAMPLE", "newer a-label|A@XN--MNCHEN-3YA.EXAMPLE newer a-label", "newer u-label|B@M\u00dcNCHEN.EXAMPLE",
                "older a-label|B@XN--MNCHEN-3YA.EXAMPLE", "older u-label|A@XN--MNCHEN-3YA.EXAMPLE", "plain|D@EXAMPLE.COM",
            ],
            await IdentityFixture.QueryAsync(database, "SELECT id, normalized_email FROM users WHERE full_name = 'x' ORDER BY id", Cancelled));
    }

    [Fact]
    public async Task Account_whose_address_an_older_one_has_still_changes_its_profile()
    {
        var newer = Person.New();
        var id = await newer.RegisterAsync(identity.Client, Cancelled);
        using var client = identity.Service.ClientWith(await newer.SignInAsync(identity.Client, Cancelled));
        await IdentityFixture.QueryAsync(identity.Service.Database, $"UPDATE users SET normalized_email = normalized_email || ' ' || id WHERE id = '{id}'", Cancelled);
        await (Person.New() with { Email = newer.Email }).RegisterAsync(identity.Client, Cancelled);

        using var renamed = await client.PatchAsJsonAsync("/api/account", new { email = newer.Email, full_name = "Jane Doe" }, Cancelled);
        using var moved = await client.PatchAsJsonAsync("/api/account", new { email = $"new-{newer.Email}" }, Cancelled);
        using var back = await client.PatchAsJsonAsync("/api/account", new { email = newer.Email }, Cancelled);

        Assert.Equal((200, 200, 409), ((int)renamed.StatusCode, (int)moved.StatusCode, (int)back.StatusCode));
    }
}
