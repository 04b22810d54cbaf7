using KvAspire.TestKit;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace KvAspire.Data.Tests;

/// <summary>One replica of the service, in this process, on Kestrel and free ports.</summary>
public sealed class DataService : WebApplicationFactory<Program>
{
    /// <summary>Hears every service of this run of the tests.</summary>
    public static Witness Witness { get; } = new();

    private readonly HttpClient http = new(new DescribedAnswers(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }));
    private readonly string database;
    private readonly string cache;
    private readonly TestIssuer issuer;
    private readonly TimeSpan cacheDeadline;
    private readonly Witness? intimate;
    private readonly (string Name, string Value)[] settings;

    /// <param name="database">The connection string of Postgres.</param>
    /// <param name="cache">The connection string of Redis.</param>
    /// <param name="issuer">Whose tokens it accepts.</param>
    /// <param name="cacheDeadline">By default generous, so that a busy machine does not pass for a lost Redis.</param>
    /// <param name="intimate">Hears this one, whatever the level of what it logs.</param>
    /// <param name="settings">More of its configuration.</param>
    public DataService(
        string database, string cache, TestIssuer issuer, TimeSpan? cacheDeadline = null, Witness? intimate = null, params (string Name, string Value)[] settings)
    {
        (this.settings, this.intimate) = (settings, intimate);
        (this.database, this.cache, this.issuer) = (database, cache, issuer);
        this.cacheDeadline = cacheDeadline ?? TimeSpan.FromSeconds(5);
        var passwords = new[] { new NpgsqlConnectionStringBuilder(database).Password, StackExchange.Redis.ConfigurationOptions.Parse(cache).Password }.OfType<string>().Where(password => password.Length > 0);
        Witness.Mind(passwords);
        intimate?.Mind(passwords);
        UseKestrel();
        StartServer();
        // In the order of the endpoints' names: h2c, http.
        var addresses = Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        (Http2Address, Address) = (addresses.First(), addresses.Last());
    }

    /// <summary>Where it listens for HTTP/1.1.</summary>
    public string Address { get; }

    /// <summary>Where it listens for cleartext HTTP/2.</summary>
    public string Http2Address { get; }

    /// <summary>A user that no other test has.</summary>
    public User NewUser() => As($"user-{Guid.NewGuid():N}");

    /// <summary>A user by name.</summary>
    public User As(string subject, string scope = TestIssuer.UserScope) => WithToken(issuer.Issue(subject, scope), subject);

    /// <summary>Whoever brings this token.</summary>
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
            .UseSetting("Drain:Delay", "00:00:00") // nobody balances between these
            .UseSetting("Tokens:Issuer", TestIssuer.Issuer)
            .UseSetting("services:identity:http:0", issuer.Address.ToString())
            .UseSetting("Kestrel:Endpoints:http:Url", "http://127.0.0.1:0")
            .UseSetting("Kestrel:Endpoints:h2c:Url", "http://127.0.0.1:0");
        foreach (var (name, value) in settings)
            builder.UseSetting(name, value);
        builder.ConfigureTestServices(services =>
        {
            Witness.Attend(services);
            intimate?.Attend(services, LogLevel.Trace);
        });
    }

    protected override void Dispose(bool disposing)
    {
        http.Dispose();
        base.Dispose(disposing);
    }
}
