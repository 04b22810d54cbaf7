using KvAspire.TestKit;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

// These tests mostly wait: for health checks, timeouts and windows of budgets.
[assembly: Xunit.v3.Parallelization(MaxThreads = 3)]

namespace KvAspire.Gateway.Tests.Fixtures;

/// <summary>The gateway on a real socket, with a test's settings.</summary>
internal sealed class GatewayUnderTest : WebApplicationFactory<Program>
{
    private readonly Dictionary<string, string?> settings = new()
    {
        ["Kestrel:Endpoints:http:Url"] = "http://127.0.0.1:0",
        ["Tokens:Issuer"] = TestIssuer.Issuer,
        ["ServiceCalls:Secret"] = TestIssuer.ServiceSecret,
        ["Logging:Console:LogLevel:Default"] = "None",
        ["Startup:Patience"] = "00:00:00", // most tests lack a service
        ["RateLimits:SignIn:Limit"] = "0", // all tests come from one address
        ["RateLimits:Registration:Limit"] = "0",
        ["RateLimits:Other:Limit"] = "0",
    };

    /// <summary>Hears every gateway of this test run.</summary>
    public static Witness Witness { get; } = new();

    /// <summary>The log at Warning and above.</summary>
    public LogRecorder Log { get; } = new();

    /// <summary>Hears this gateway at every log level.</summary>
    public Witness? Intimate { get; init; }

    /// <summary>Keeps this gateway's log, by its settings.</summary>
    public HeardLog? Heard { get; init; }

    public Uri Address { get; private set; } = null!;

    public GatewayUnderTest With(string key, string? value)
    {
        settings[key] = value;
        return this;
    }

    public GatewayUnderTest With(TestIssuer issuer) => With("services:identity:http:0", issuer.Address.ToString());

    /// <summary>Sets the addresses of a service's replicas.</summary>
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

    /// <summary>A client that adds no trace context.</summary>
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
            Heard?.Attend(logging.Services);
        });
    }
}
