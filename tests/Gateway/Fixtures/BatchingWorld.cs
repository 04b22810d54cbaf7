using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests.Fixtures;

/// <summary>An issuer, a data service that answers batches, and gateways in front of it.</summary>
internal sealed class BatchingWorld(string path) : IAsyncDisposable
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public TestIssuer Issuer { get; private set; } = null!;

    public Backend Data { get; private set; } = null!;

    /// <summary>How many batches have arrived.</summary>
    public int Batches => Data.Arrivals.Count(arrival => arrival.Target == path);

    /// <summary>Starts the two.</summary>
    public async ValueTask StartAsync()
    {
        Issuer = await TestIssuer.StartAsync();
        Data = await Backend.StartAsync("data");
        (Data.Answer, Data.TakesBatches) = (BatchingService.AnswerAsync, true);
    }

    /// <summary>A gateway in front of these replicas, or of <see cref="Data"/>.</summary>
    public GatewayUnderTest Gateway(params IEnumerable<Backend> replicas) => new GatewayUnderTest()
        .With(Issuer).With("identity", "http", Issuer.Address)
        .With("data", "h2c", replicas.DefaultIfEmpty(Data).Select(replica => replica.Address));

    /// <summary>A client with a token that the gateway has checked before: a batch takes no other.</summary>
    public async Task<HttpClient> KnownClientAsync(GatewayUnderTest gateway, string subject = "user")
    {
        var client = gateway.Client(Issuer.Issue(subject));
        using var first = await client.GetAsync("/api/usage", Cancelled);
        Assert.Equal(200, (int)first.StatusCode);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Data.DisposeAsync();
        await Issuer.DisposeAsync();
    }
}
