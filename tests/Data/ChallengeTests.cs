using KvAspire.TestKit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KvAspire.Data.Tests;

public sealed class ChallengeTests(World world)
{
    [Fact]
    public async Task Every_401_of_every_endpoint_has_a_challenge()
    {
        using var client = new HttpClient { BaseAddress = new(world.Data.Address) };
        var requests = Challenges.RequestsOf(world.Data.Services.GetRequiredService<EndpointDataSource>()).ToList();

        Assert.InRange(await Challenges.CountAsync(client, requests, TestContext.Current.CancellationToken), 30, 3 * requests.Count);
    }
}
