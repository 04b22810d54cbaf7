using KvAspire.TestKit;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

// These tests wait most of the time: for health checks, timeouts, windows of limits.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]

namespace KvAspire.Gateway.Tests.Edge;

/// <summary>The gateway itself, on a real socket, with whatever configuration a test gives it.</summary>
internal sealed class GatewayUnderTest : WebApplicationFactory<Program>
{
    private readonly Dictionary<string, string?> settings = new()
    {
        ["Kestrel:Endpoints:http:Url"] = "http://127.0.0.1:0",
        ["Tokens:Issuer"] = TestIssuer.Issuer,
        ["Logging:Console:LogLevel:Default"] = "None",
        ["RateLimits:SignIn:Limit"] = "0", // all tests come from one address
        ["RateLimits:Registration:Limit"] = "0",
        ["RateLimits:Other:Limit"] = "0",
        ["Telemetry:TracesPerSecond"] = "1000000", // what is traced is forwarded as it came, and not in a batch
    };

    /// <summary>Hears every gateway of this run of the tests.</summary>
    public static Witness Witness { get; } = new();

    /// <summary>What it logged at Warning and above.</summary>
    public LogRecorder Log { get; } = new();

    /// <summary>Hears this one, whatever the level of what it logs.</summary>
    public Witness? Intimate { get; init; }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    public GatewayUnderTest With(string key, string? value)
    {
        settings[key] = value;
        return this;
    }

    public GatewayUnderTest With(TestIssuer issuer) => With("services:identity:http:0", issuer.Address.ToString());

    /// <summary>Says where the replicas of a service are.</summary>
    public GatewayUnderTest With(string service, string endpoint, params IEnumerable<Uri> replicas)
    {
        foreach (var (index, replica) in replicas.Index())
            With($"services:{service}:{endpoint}:{index}", replica.ToString());
        return this;
    }

    public GatewayUnderTest Start()
    {
        UseKestrel();
        StartServer();
        Address = new Uri(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return this;
    }

    /// <summary>A client that sends only what a test tells it to: no trace context of its own.</summary>
    public HttpClient Client(string? token = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null, UseProxy = false }) { BaseAddress = Address };
        if (token is not null)
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        return client;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (key, value) in settings)
            builder.UseSetting(key, value);
        builder.ConfigureLogging(logging =>
        {
            logging.AddProvider(Log);
            Witness.Attend(logging.Services);
            Intimate?.Attend(logging.Services, LogLevel.Trace);
        });
    }
}
