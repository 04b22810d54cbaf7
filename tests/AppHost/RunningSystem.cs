using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(KvAspire.AppHost.Tests.RunningSystem))]

namespace KvAspire.AppHost.Tests;

/// <summary>The whole system, started by the AppHost as a developer starts it, on free ports and with nothing stored.</summary>
public class RunningSystem : IAsyncLifetime
{
    /// <summary>The secret that this system's signing keys are encrypted with.</summary>
    public const string KeyEncryptionKey = "a-secret-for-the-tests-of-the-whole-system-only";

    /// <summary>The password of the user <c>admin</c>.</summary>
    public const string FirstAdminPassword = "an administrator of tests";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    private readonly string[] settings;

    /// <summary>The system as it is by default.</summary>
    public RunningSystem()
        : this([])
    {
    }

    protected RunningSystem(string[] settings) => this.settings =
    [
        "--Persist=false", $"--Parameters:key-encryption-key={KeyEncryptionKey}", $"--Parameters:first-admin-password={FirstAdminPassword}",
        .. settings,
    ];

    /// <summary>The application that the AppHost describes.</summary>
    public DistributedApplication App { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.KvAspire_AppHost>(settings, timeout.Token);
        App = await builder.BuildAsync(timeout.Token);
        await App.StartAsync(timeout.Token);
        await App.ResourceNotifications.WaitForResourceHealthyAsync("gateway", timeout.Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A client of a resource's HTTP/1.1 endpoint, with the given access token.</summary>
    public HttpClient Client(string resource, string? token = null)
    {
        var client = App.CreateHttpClient(resource, "http");
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);

        return client;
    }

    /// <summary>Registers a new user.</summary>
    public Task<Account> RegisterAsync(CancellationToken cancellationToken) => Account.RegisterAsync(Client("gateway"), cancellationToken);
}
