using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.Identity.Tests;

public sealed class ChallengeTests(IdentityFixture identity)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_401_of_every_endpoint_has_a_challenge()
    {
        var requests = Challenges.RequestsOf(identity.Service.Services.GetRequiredService<EndpointDataSource>()).ToList();

        Assert.InRange(await Challenges.CountAsync(identity.Client, requests, Cancelled), 30, 3 * requests.Count);
    }

    [Theory]
    [InlineData("""{"username":"unknown","password":"wrong"}""")]
    [InlineData("""{"grant_type":"refresh_token","refresh_token":"wrong"}""")]
    public async Task Sign_in_that_fails_has_a_challenge_without_an_error_code(string credentials)
    {
        using var refused = await identity.Client.PostAsync("/api/token", Person.Json(System.Text.Json.Nodes.JsonNode.Parse(credentials)!), Cancelled);

        Assert.Equal(401, (int)refused.StatusCode);
        Assert.Equal("Bearer realm=\"kvaspire\"", refused.Headers.WwwAuthenticate.ToString());
    }
}
