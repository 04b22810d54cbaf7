using KvAspire.Identity.Tests.Fixtures;

namespace KvAspire.Identity.Tests;

public sealed class RegistrationRaceTests(IdentityFixture identity)
{
    private const int Contenders = 64;

    [Fact]
    public async Task One_of_64_concurrent_registrations_gets_a_username_and_the_others_get_409()
    {
        var wanted = Person.New().Username;
        await AssertOneWinsAsync(i => Person.New() with { Username = AnyCase(wanted, i) }, "USERNAME_EXISTS");
    }

    [Fact]
    public async Task One_of_64_concurrent_registrations_gets_an_email_and_the_others_get_409()
    {
        var wanted = Person.New().Email;
        await AssertOneWinsAsync(i => Person.New() with { Email = AnyCase(wanted, i) }, "EMAIL_EXISTS");
    }

    private static string AnyCase(string text, int i) => i % 2 == 0 ? text : text.ToUpperInvariant();

    private async Task AssertOneWinsAsync(Func<int, Person> contender, string code)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var answers = await Task.WhenAll(Enumerable.Range(0, Contenders).Select(async i =>
        {
            using var response = await identity.Client.PostAsync("/api/register", Person.Json(contender(i).Registration), cancellationToken);
            return (Status: (int)response.StatusCode, Text: await response.Content.ReadAsStringAsync(cancellationToken));
        }));

        Assert.Single(answers, answer => answer.Status == 201);
        Assert.Equal(Contenders - 1, answers.Count(answer => answer.Status == 409 && answer.Text.Contains(code, StringComparison.Ordinal)));
    }
}
