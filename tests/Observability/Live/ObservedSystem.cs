using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using KvAspire.TestKit;

namespace KvAspire.Observability.Tests.Live;

/// <summary>
/// The whole system with two data replicas and <c>/metrics</c>, a Prometheus that scrapes it, and users who read, write, watch
/// and sign in all the time.
/// </summary>
public sealed class ObservedSystem : IAsyncLifetime
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);
    private static readonly string[] Replicas = ["gateway", "identity", "data", "data-2"];

    private static readonly string[] Settings =
    [
        "--Persist=false", "--Metrics=true", "--Replicas:Data=2", "--Logging:LogLevel:KvAspire.AppHost.Resources=None",
        "--RateLimits:SignIn:Limit=0", "--RateLimits:Registration:Limit=0", "--RateLimits:Other:Limit=0",
    ];

    private DistributedApplication app = null!;
    private WrongClock? wrong;

    internal Prometheus Prometheus { get; private set; } = null!;

    internal Users Users { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.KvAspire_AppHost>(Settings, timeout.Token);
        foreach (var replica in builder.Resources.OfType<ProjectResource>().Where(project => Replicas.Contains(project.Name)).Select(builder.CreateResourceBuilder))
            replica.WithEnvironment("Metrics__SurveyEvery", "00:00:01").WithEnvironment("Metrics__LongSurveyEvery", "00:00:02");

        app = await builder.BuildAsync(timeout.Token);
        await app.StartAsync(timeout.Token);
        foreach (var replica in Replicas)
            await app.ResourceNotifications.WaitForResourceHealthyAsync(replica, timeout.Token);

        Prometheus = await Prometheus.StartAsync(
            Replicas.GroupBy(JobOf).ToDictionary(job => job.Key, job => job.Select(AddressOfMetrics).ToArray()), timeout.Token);
        Users = await Users.StartAsync(app.GetEndpoint("gateway", "http"), timeout.Token);
    }

    /// <summary>Stops or starts a resource, or any other of its commands.</summary>
    public async Task ExecuteAsync(string resource, string command, CancellationToken cancellationToken)
    {
        // The orchestrator refuses a start right after the end of a process.
        var began = Stopwatch.StartNew();
        while (!(await app.ResourceCommands.ExecuteCommandAsync(resource, command, cancellationToken)).Success)
        {
            Assert.True(began.Elapsed < Recovery, $"{command} of {resource} fails.");
            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>Kills a resource with SIGKILL, and waits for its end.</summary>
    public async Task KillAsync(string resource, CancellationToken cancellationToken)
    {
        Assert.True(await app.SignalAsync(resource, ResourceProcesses.Kill, cancellationToken), $"{resource} does not run.");
        await app.ResourceNotifications.WaitForResourceAsync(resource, KnownResourceStates.TerminalStates, cancellationToken).WaitAsync(Recovery, cancellationToken);
    }

    /// <summary>Starts one more replica of the data service, whose clock is ahead. Neither the gateway nor Prometheus knows it.</summary>
    public async Task StartWithWrongClockAsync(TimeSpan ahead, CancellationToken cancellationToken) =>
        wrong = await WrongClock.StartAsync(app.ProcessOf("data-2") ?? throw new InvalidOperationException("data-2 does not run."), ahead, cancellationToken);

    /// <summary>Lets Prometheus scrape that replica.</summary>
    public Task ScrapeWrongClockAsync()
    {
        Prometheus.Scrape("data", [.. AddressesOf("data"), wrong!.Metrics]);
        return Task.CompletedTask;
    }

    /// <summary>Ends that replica.</summary>
    public async Task EndWrongClockAsync()
    {
        Prometheus.Scrape("data", AddressesOf("data"));
        await Task.Delay(1000); // Prometheus forgets it first
        await wrong!.DisposeAsync();
        wrong = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (wrong is not null)
            await wrong.DisposeAsync();
        await Users.DisposeAsync();
        await Prometheus.DisposeAsync();
        await app.DisposeAsync();
    }

    private static string JobOf(string replica) => replica.Split('-')[0];

    private string[] AddressesOf(string job) => [.. Replicas.Where(replica => JobOf(replica) == job).Select(AddressOfMetrics)];

    private string AddressOfMetrics(string replica) => app.GetEndpoint(replica, "metrics").Authority;
}
