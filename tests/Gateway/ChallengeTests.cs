using KvAspire.Gateway.Routes;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

public sealed class ChallengeTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    [Fact]
    public async Task Every_401_of_every_route_has_a_challenge()
    {
        using var client = running.Gateway.Client();
        var requests = PublicRoutes.All.SelectMany(route => route.Methods.Select(method => (method, Challenges.PathOf(route.Path)))).ToList();

        var refused = await Challenges.CountAsync(client, requests, TestContext.Current.CancellationToken);

        var protectedOnes = PublicRoutes.All.Where(route => route.Policy is not PublicRoute.Anonymous).Sum(route => route.Methods.Length);
        Assert.Equal(3 * protectedOnes, refused);
    }
}
