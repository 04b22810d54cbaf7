using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests.Fixtures;

/// <summary>A gateway with one replica of each service. The tests of a class share it.</summary>
public sealed class RunningGateway : IAsyncLifetime
{
    internal GatewayUnderTest Gateway { get; } = new();

    internal TestIssuer Issuer { get; private set; } = null!;

    internal Backend Identity { get; private set; } = null!;

    internal Backend Data { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Issuer = await TestIssuer.StartAsync();
        Identity = await Backend.StartAsync("identity");
        Data = await Backend.StartAsync("data");
        Gateway.With(Issuer).With("identity", "h2c", Identity.Address).With("data", "h2c", Data.Address).Start();
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Data.DisposeAsync();
        await Identity.DisposeAsync();
        await Issuer.DisposeAsync();
    }
}
