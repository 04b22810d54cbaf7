using System.Net;
using System.Net.Http.Json;
using Xunit;

namespace KvAspire.AppHost.Tests;

public sealed class ConcurrencyTests(RunningSystem system)
{
    private const int Contenders = 64;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_64_concurrent_registrations_of_one_username_one_succeeds_and_63_conflict()
    {
        using var gateway = system.Client("gateway");
        var username = $"user_{Guid.NewGuid():N}";

        var outcomes = await RaceAsync(contender => gateway.PostAsJsonAsync("/api/register", new
        {
            username = contender % 2 == 0 ? username : username.ToUpperInvariant(),
            email = $"{username}.{contender}@example.com",
            password = "secure_password123",
            full_name = "John Doe",
        }, Cancel));

        Assert.Equal((1, Contenders - 1), outcomes);
    }

    [Fact]
    public async Task Of_64_concurrent_creations_of_one_key_one_succeeds_and_63_conflict()
    {
        var account = await system.RegisterAsync(Cancel);
        using var gateway = system.Client("gateway", account.AccessToken);

        var outcomes = await RaceAsync(contender => gateway.PostAsJsonAsync("/api/data", new { key = "contended", value = contender }, Cancel));

        Assert.Equal((1, Contenders - 1), outcomes);
    }

    private static async Task<(int Created, int Conflicts)> RaceAsync(Func<int, Task<HttpResponseMessage>> send)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, Contenders).Select(send));
        var statuses = answers.Select(answer => answer.StatusCode).ToList();
        Assert.DoesNotContain(statuses, status => (int)status >= 500);
        return (statuses.Count(status => status == HttpStatusCode.Created), statuses.Count(status => status == HttpStatusCode.Conflict));
    }
}
