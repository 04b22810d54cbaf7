using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Identity.Tests;

/// <summary>Changes of users' profiles.</summary>
public sealed class ProfileTests(IdentityFixture identity)
{
    private const string EmailExists = "The provided email is already registered. Please use a different email address.";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Email_of_another_user_in_any_case_is_refused_and_nothing_changes()
    {
        var (other, _) = await SignedInAsync();
        var (person, client) = await SignedInAsync();
        foreach (var email in new[] { other.Email, other.Email.ToUpperInvariant() })
        {
            using var refused = await client.PatchAsJsonAsync("/api/account", new { email, full_name = "Somebody Else" }, Cancelled);
            await Envelope.AssertErrorAsync(refused, 409, "EMAIL_EXISTS", EmailExists, Cancelled);
        }

        var account = await AccountAsync(client);
        Assert.Equal((person.Email, "John Doe"), (account["email"]!.GetValue<string>(), account["full_name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task One_of_several_concurrent_users_gets_an_email()
    {
        var email = $"wanted-{Guid.NewGuid():N}@example.com";
        var clients = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => (await SignedInAsync()).Client));
        var answers = await Task.WhenAll(clients.Select(client => client.PatchAsJsonAsync("/api/account", new { email }, Cancelled)));

        Assert.Single(answers, answer => answer.StatusCode is HttpStatusCode.OK);
        foreach (var refused in answers.Where(answer => answer.StatusCode is not HttpStatusCode.OK))
            await Envelope.AssertErrorAsync(refused, 409, "EMAIL_EXISTS", EmailExists, Cancelled);
    }

    [Fact]
    public async Task Own_email_may_change_case_and_a_former_email_is_free()
    {
        var (person, client) = await SignedInAsync();
        var (_, other) = await SignedInAsync();
        foreach (var email in new[] { person.Email.ToUpperInvariant(), $"new-{person.Email}" })
            Assert.Equal(HttpStatusCode.OK, (await client.PatchAsJsonAsync("/api/account", new { email }, Cancelled)).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await other.PatchAsJsonAsync("/api/account", new { email = person.Email }, Cancelled)).StatusCode);
        Assert.Equal($"new-{person.Email}", (await AccountAsync(client))["email"]!.GetValue<string>());
    }

    // Whether or not another user has the new name.
    [Fact]
    public async Task Username_cannot_be_changed()
    {
        var (other, _) = await SignedInAsync();
        var (person, client) = await SignedInAsync();
        foreach (var username in new[] { other.Username, $"free-{person.Username}" })
        {
            using var alone = await client.PatchAsJsonAsync("/api/account", new { username }, Cancelled);
            await Envelope.AssertErrorAsync(
                alone, 400, "INVALID_REQUEST", "Invalid request. Please provide at least one of: email, full_name, age, gender.", Cancelled);
            using var beside = await client.PatchAsJsonAsync("/api/account", new { username, age = 40 }, Cancelled);
            Assert.Equal(HttpStatusCode.OK, beside.StatusCode);
            Assert.Equal(person.Username, (await AccountAsync(client))["username"]!.GetValue<string>());
        }
    }

    private async Task<(Person Person, HttpClient Client)> SignedInAsync()
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        return (person, identity.Service.ClientWith(await person.SignInAsync(identity.Client, Cancelled)));
    }

    private static async Task<JsonNode> AccountAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonNode>("/api/account", Cancelled))!["data"]!;
}
