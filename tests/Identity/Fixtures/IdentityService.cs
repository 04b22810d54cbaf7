using KvAspire.TestKit;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.Identity.Tests.Fixtures;

/// <summary>The identity service in this process, on a real Kestrel at a free port.</summary>
public sealed class IdentityService : WebApplicationFactory<Program>
{
    /// <summary>The issuer of the tokens: no gateway listens there.</summary>
    public const string Issuer = "http://localhost:18080";

    /// <summary>The secret that encrypts the signing keys.</summary>
    public const string EncryptionKey = "tests-only-0123456789-0123456789-0123456789-0123456789";

    /// <summary>The secret of the configured clients: <c>own-client</c>, which may take passwords and introspect, and <c>reader</c>.</summary>
    public const string ClientSecret = "tests-only-client-secret-0123456789";

    /// <summary>The operator's secret.</summary>
    public const string OperatorSecret = "tests-only-operator-secret";

    /// <summary>The iterations of password hashes: a tenth of the default, because the suite makes thousands.</summary>
    public const int Iterations = 21_000;

    /// <summary>Records the logs and traces of every service of the run: refresh tokens and client secrets have no recognizable form.</summary>
    public static Witness Witness { get; } = new(keeps: true);

    private readonly Action<IServiceCollection>? change;
    private readonly Uri? data;
    private readonly (string Name, string Value)[] settings;

    private IdentityService(string database, Action<IServiceCollection>? change, Uri? data, (string Name, string Value)[] settings)
    {
        Database = database;
        this.settings = settings;
        this.change = change;
        this.data = data;
        UseKestrel(0);
    }

    /// <summary>The superuser's connection string of the database. The service itself connects as its role.</summary>
    public string Database { get; }

    /// <summary>A client, shared by all tests.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>Starts a service on a migrated database.</summary>
    /// <param name="database">The superuser's connection string.</param>
    /// <param name="change">Replaces services at the edges, such as the clock.</param>
    /// <param name="data">A second replica of the data service; no first one runs.</param>
    /// <param name="settings">Further configuration.</param>
    public static IdentityService Start(
        string database, Action<IServiceCollection>? change = null, Uri? data = null, params (string Name, string Value)[] settings)
    {
        var service = new IdentityService(database, change, data, settings);
        service.StartServer();
        service.Client = service.NewClient();
        return service;
    }

    /// <summary>A client whose requests to the public address reach the service.</summary>
    public HttpClient ClientThroughTheGateway() => new(new Redirecting(Client.BaseAddress!)) { BaseAddress = new(Issuer) };

    /// <summary>A client with the secret of the services, whose answers are checked against the OpenAPI document.</summary>
    public HttpClient NewClient()
    {
        var client = CreateDefaultClient(new DescribedAnswers());
        client.DefaultRequestHeaders.Add(TestIssuer.ServiceSecretHeader, TestIssuer.ServiceSecret);
        return client;
    }

    /// <summary>A client with an access token.</summary>
    public HttpClient ClientWith(string accessToken)
    {
        var client = NewClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", accessToken);
        return client;
    }

    /// <summary>The access token of a new administrator.</summary>
    public async Task<string> SignInAdministratorAsync(CancellationToken cancellationToken)
    {
        var person = Person.New();
        var id = await person.RegisterAsync(Client, cancellationToken);
        await IdentityFixture.QueryAsync(Database, $"UPDATE users SET role = 'admin' WHERE id = '{id}'", cancellationToken);
        return await person.SignInAsync(Client, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("ConnectionStrings:identitydb", IdentityFixture.Roles.Service(Database));
        builder.UseSetting("Tokens:Issuer", Issuer);
        builder.UseSetting("ServiceCalls:Secret", TestIssuer.ServiceSecret);
        builder.UseSetting("TrustedNetworks:0", "127.0.0.0/8"); // tests call as the gateway does
        builder.UseSetting("SigningKeys:EncryptionKey", EncryptionKey);
        builder.UseSetting("Passwords:Iterations", $"{Iterations}");
        builder.UseSetting("SigningKeys:AnnounceNow", "00:00:05");
        builder.UseSetting("Operator:Secret", OperatorSecret);
        foreach (var (index, (id, scope)) in new[] { ("own-client", "kv:read kv:write"), ("reader", "kv:read"), ("guessed", "kv:read") }.Index())
        {
            builder.UseSetting($"Clients:{index}:Id", id);
            builder.UseSetting($"Clients:{index}:Secret", ClientSecret);
            builder.UseSetting($"Clients:{index}:Scope", scope);
            builder.UseSetting($"Clients:{index}:FirstParty", (index == 0).ToString());
            if (index == 0)
                builder.UseSetting($"Clients:{index}:Audiences:0", "kvaspire");
        }

        builder.UseSetting("services:data:http:0", "http://127.0.0.1:9"); // no server: the tests of the whole system erase and export accounts
        if (data is not null)
            builder.UseSetting("services:data:http:1", data.ToString());
        builder.UseSetting("Kestrel:Endpoints:http:Url", "http://127.0.0.1:0");
        builder.UseSetting("Kestrel:Endpoints:h2c:Url", "http://127.0.0.1:0");
        foreach (var (name, value) in settings)
            builder.UseSetting(name, value);
        builder.ConfigureTestServices(services =>
        {
            Witness.Attend(services);
            change?.Invoke(services);
        });
    }

    private sealed class Redirecting(Uri to) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new(to, request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
