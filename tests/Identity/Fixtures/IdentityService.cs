using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.Identity.Tests.Fixtures;

/// <summary>The identity service in this process, on a real Kestrel at a free port.</summary>
public sealed class IdentityService : WebApplicationFactory<Program>
{
    /// <summary>The issuer of its tokens: a gateway that is not there.</summary>
    public const string Issuer = "http://localhost:18080";

    /// <summary>The secret that encrypts its keys.</summary>
    public const string EncryptionKey = "tests-only-0123456789-0123456789-0123456789-0123456789";

    private readonly Action<IServiceCollection>? change;

    private IdentityService(string database, Action<IServiceCollection>? change)
    {
        Database = database;
        this.change = change;
        UseKestrel(0);
    }

    /// <summary>The connection string of its database.</summary>
    public string Database { get; }

    /// <summary>A client, shared by all tests.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>Starts a service on a migrated database.</summary>
    /// <param name="database">The connection string.</param>
    /// <param name="change">Replaces what stands at the edges of the service.</param>
    public static IdentityService Start(string database, Action<IServiceCollection>? change = null)
    {
        var service = new IdentityService(database, change);
        service.StartServer();
        service.Client = service.CreateClient();
        return service;
    }

    /// <inheritdoc/>
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("ConnectionStrings:identitydb", Database);
        builder.UseSetting("Tokens:Issuer", Issuer);
        builder.UseSetting("SigningKeys:EncryptionKey", EncryptionKey);
        builder.UseSetting("Kestrel:Endpoints:http:Url", "http://127.0.0.1:0");
        builder.UseSetting("Kestrel:Endpoints:h2c:Url", "http://127.0.0.1:0");
        builder.ConfigureTestServices(services => change?.Invoke(services));
    }
}
