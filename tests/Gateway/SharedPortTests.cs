using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

/// <summary>Several gateways of one machine on one port.</summary>
public sealed class SharedPortTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task When_a_gateway_on_a_shared_port_is_killed_the_others_take_every_new_connection()
    {
        Uri door;
        using (var free = new ClosedPort())
            door = free.Address;
        await using var issuer = await TestIssuer.StartAsync();
        var settings = new Dictionary<string, string>
        {
            ["Door__SharedPort"] = $"{door.Port}",
            ["Kestrel__Endpoints__door__Url"] = door.ToString(),
            ["Startup__Patience"] = "00:00:00",
            ["services__identity__http__0"] = issuer.Address.ToString(),
            ["services__data__http__0"] = issuer.Address.ToString(),
        };
        var one = await GatewayProcess.StartAsync(settings, Cancel);
        using var other = await GatewayProcess.StartAsync(settings, Cancel);
        await AllAnswerAsync(door);

        one.Dispose();
        await AllAnswerAsync(door);
    }

    // A new connection for each request, because the kernel distributes connections.
    private static async Task AllAnswerAsync(Uri door)
    {
        for (var connection = 0; connection < 40; connection++)
        {
            using var client = new HttpClient { BaseAddress = door };
            using var answer = await client.GetAsync("/alive", Cancel);
            Assert.Equal(200, (int)answer.StatusCode);
        }
    }
}
