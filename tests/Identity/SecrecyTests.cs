using KvAspire.Identity.Tests.Fixtures;

namespace KvAspire.Identity.Tests;

public sealed class SecrecyTests(IdentityFixture identity)
{
    [Fact]
    public async Task No_answer_shows_the_password_or_its_hash()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var person = Person.New() with { Password = $"never show {Guid.NewGuid():N}" };
        var answers = new List<string>();
        async Task AskAsync(string path, System.Text.Json.Nodes.JsonNode body)
        {
            using var response = await identity.Client.PostAsync(path, Person.Json(body), cancellationToken);
            answers.Add(response.Headers + await response.Content.ReadAsStringAsync(cancellationToken));
        }

        await AskAsync("/api/register", person.Registration); // 201
        await AskAsync("/api/register", person.Registration); // 409
        await AskAsync("/api/register", (person with { Email = "none" }).Registration); // 400
        await AskAsync("/api/token", person.Credentials); // 200
        await AskAsync("/api/token", (person with { Username = "nobody" }).Credentials); // 401

        var hash = Assert.Single(await IdentityFixture.QueryAsync(
            identity.Service.Database, $"SELECT password_hash FROM users WHERE user_name = '{person.Username}'", cancellationToken));
        Assert.Equal(5, answers.Count);
        Assert.All(answers, answer =>
        {
            Assert.DoesNotContain(person.Password, answer, StringComparison.Ordinal);
            Assert.DoesNotContain(hash, answer, StringComparison.Ordinal);
        });
    }
}
