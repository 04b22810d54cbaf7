using KvAspire.TestKit;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace KvAspire.Data.Tests.Fixtures;

/// <summary>One replica of the service, in this process, on Kestrel and free ports.</summary>
public sealed class DataService : WebApplicationFactory<Program>
{
    /// <summary>Collects logs and traces of all services of this test run.</summary>
    public static Witness Witness { get; } = new();

    private readonly HttpClient http = new(new DescribedAnswers(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }));
    private readonly string database;
    private readonly string cache;
    private readonly TestIssuer issuer;
    private readonly TimeSpan cacheDeadline;
    private readonly Witness? intimate;
    private readonly HeardLog? log;
    private readonly (string Name, string Value)[] settings;

    /// <param name="database">The superuser's connection string of Postgres. The service connects as its role.</param>
    /// <param name="cache">The connection string of Redis.</param>
    /// <param name="issuer">The issuer of the tokens that it accepts.</param>
    /// <param name="cacheDeadline">Generous by default, so that a busy machine does not look like a lost Redis.</param>
    /// <param name="intimate">Collects the logs of this replica at all levels.</param>
    /// <param name="log">Keeps the log of this replica.</param>
    /// <param name="settings">Further configuration.</param>
    public DataService(
        string database, string cache, TestIssuer issuer, TimeSpan? cacheDeadline = null, Witness? intimate = null, HeardLog? log = null,
        params (string Name, string Value)[] settings)
    {
        (this.settings, this.intimate, this.log) = (settings, intimate, log);
        (this.database, this.cache, this.issuer) = (World.Roles.Service(database), cache, issuer);
        this.cacheDeadline = cacheDeadline ?? TimeSpan.FromSeconds(5);
        var passwords = new[] { new NpgsqlConnectionStringBuilder(this.database).Password, StackExchange.Redis.ConfigurationOptions.Parse(cache).Password }.OfType<string>().Where(password => password.Length > 0);
        http.DefaultRequestHeaders.Add(TestIssuer.ServiceSecretHeader, TestIssuer.ServiceSecret);
        Witness.Mind([.. passwords, TestIssuer.ServiceSecret]);
        intimate?.Mind(passwords);
        UseKestrel();
        StartServer();
        // In the order of the endpoints' names: h2c, http.
        var addresses = Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        (Http2Address, Address) = (addresses.First(), addresses.Last());
    }

    /// <summary>The address for HTTP/1.1.</summary>
    public string Address { get; }

    /// <summary>The address for cleartext HTTP/2.</summary>
    public string Http2Address { get; }

    /// <summary>Creates a user for one test.</summary>
    public User NewUser() => As($"user-{Guid.NewGuid():N}");

    /// <summary>Creates a client of a user.</summary>
    public User As(string subject, string scope = TestIssuer.UserScope) => WithToken(issuer.Issue(subject, scope), subject);

    /// <summary>Creates a client with a token.</summary>
    public User WithToken(string? token, string subject = "") => new(http, Address, token, subject);

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder
            .UseEnvironment("Production")
            .UseSetting("Logging:Console:LogLevel:Default", "Warning")
            .UseSetting("ConnectionStrings:datadb", database)
            .UseSetting("ConnectionStrings:cache", cache)
            .UseSetting("Redis:Deadline", cacheDeadline.ToString())
            .UseSetting("Watch:Heartbeat", "00:00:01")
            .UseSetting("Drain:Delay", "00:00:00") // no load balancer needs the delay
            .UseSetting("Tokens:Issuer", TestIssuer.Issuer)
            .UseSetting("ServiceCalls:Secret", TestIssuer.ServiceSecret)
            .UseSetting("TrustedNetworks:0", "127.0.0.0/8") // tests call as the gateway does
            .UseSetting("services:identity:http:0", issuer.Address.ToString())
            .UseSetting("Kestrel:Endpoints:http:Url", "http://127.0.0.1:0")
            .UseSetting("Kestrel:Endpoints:h2c:Url", "http://127.0.0.1:0");
        foreach (var (name, value) in settings)
            builder.UseSetting(name, value);
        builder.ConfigureTestServices(services =>
        {
            Witness.Attend(services);
            intimate?.Attend(services, LogLevel.Trace);
            log?.Attend(services);
        });
    }

    protected override void Dispose(bool disposing)
    {
        http.Dispose();
        base.Dispose(disposing);
    }
}
