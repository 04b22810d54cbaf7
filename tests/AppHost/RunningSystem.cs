using System.Collections.Concurrent;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using KvAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

[assembly: AssemblyFixture(typeof(KvAspire.AppHost.Tests.RunningSystem))]

namespace KvAspire.AppHost.Tests;

/// <summary>The whole system as the AppHost describes it, on free ports and without persistence.</summary>
public class RunningSystem : IAsyncLifetime
{
    /// <summary>The secret that encrypts this system's signing keys.</summary>
    public const string KeyEncryptionKey = "a-secret-for-the-tests-of-the-whole-system-only";

    /// <summary>The password of the user <c>admin</c>.</summary>
    public const string FirstAdminPassword = "an administrator of tests";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    private readonly string[] settings;

    /// <summary>The system with its default settings.</summary>
    public RunningSystem()
        : this([])
    {
    }

    protected RunningSystem(string[] settings) => this.settings =
    [
        "--Persist=false", "--Logging:Console:LogLevel:Default=None", $"--Parameters:key-encryption-key={KeyEncryptionKey}", $"--Parameters:first-admin-password={FirstAdminPassword}",
        "--RateLimits:SignIn:Limit=0", "--RateLimits:Registration:Limit=0", "--RateLimits:Other:Limit=0", // all tests come from one address
        .. settings,
    ];

    public DistributedApplication App { get; private set; } = null!;

    /// <summary>The telemetry of the services.</summary>
    public OtlpReceiver Telemetry { get; private set; } = null!;

    /// <summary>The output of all processes.</summary>
    public ConsoleLines Console { get; } = new();

    /// <summary>Words that must not be in a log or trace of this system, besides everything that looks like a secret.</summary>
    public ConcurrentBag<string> Secrets { get; } = [KeyEncryptionKey, FirstAdminPassword, Account.Password];

    public virtual async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.KvAspire_AppHost>(
            settings, (options, _) => options.DisableDashboard = !HasDashboard, timeout.Token);
        Telemetry = await OtlpReceiver.StartAsync();
        foreach (var service in builder.Resources.OfType<ProjectResource>().Where(project => !project.Name.EndsWith("-migrations", StringComparison.Ordinal)))
        {
            foreach (var (name, value) in Telemetry.Settings.Where(_ => !HasDashboard))
                builder.CreateResourceBuilder(service).WithEnvironment(name, value);
            builder.CreateResourceBuilder(service).WithEnvironment("Telemetry__TracesPerSecond", "1000000"); // all are looked at
        }

        builder.Services.AddSingleton<ILoggerProvider>(Console);
        Adjust(builder);
        App = await builder.BuildAsync(timeout.Token);
        await App.StartAsync(timeout.Token);
        await App.ResourceNotifications.WaitForResourceHealthyAsync("gateway", timeout.Token);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Telemetry.DisposeAsync();
        GC.SuppressFinalize(this);

        // After the last test: no log or trace of any test has a secret.
        AssertNothingIsBetrayed();
    }

    /// <summary>Asserts that no log or trace so far has a secret of the system.</summary>
    public void AssertNothingIsBetrayed()
    {
        Assert.True((HasDashboard || Telemetry.Count(OtlpReceiver.Traces) > 0) && !Console.IsEmpty);
        Assert.Empty(Telemetry.Findings([.. Secrets]));
        Assert.Empty(Console.Findings([.. Secrets]));
    }

    /// <summary>Whether the dashboard runs, and gets the telemetry in place of <see cref="Telemetry"/>.</summary>
    protected virtual bool HasDashboard => false;

    /// <summary>Changes the application model before the start.</summary>
    protected virtual void Adjust(IDistributedApplicationTestingBuilder builder)
    {
    }

    /// <summary>
    /// A client of a resource's HTTP/1.1 endpoint, with the given access token. It compares all responses of the gateway with the
    /// OpenAPI document.
    /// </summary>
    public HttpClient Client(string resource, string? token = null)
    {
        var client = resource is "gateway"
            ? new HttpClient(new DescribedAnswers(new SocketsHttpHandler())) { BaseAddress = App.GetEndpoint(resource, "http") }
            : App.CreateHttpClient(resource, "http");
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);

        return client;
    }

    /// <summary>Registers a new user.</summary>
    public Task<Account> RegisterAsync(CancellationToken cancellationToken) => Account.RegisterAsync(Client("gateway"), Secrets, cancellationToken);
}
