using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace KvAspire.Verify.Systems;

/// <summary>
/// The whole system as the AppHost describes it, on free ports and with nothing stored, and a second replica of the data
/// service that the gateway knows by an address of its own: it calls services over HTTP/2, where a proxy in front of two
/// replicas would give all requests of one connection to one of them. And a second gateway, for those who bring a balancer.
/// </summary>
internal sealed class LiveSystem : IAsyncDisposable
{
    /// <summary>The resources of the data service.</summary>
    public static readonly string[] Replicas = ["data", "data2"];

    /// <summary>The resources of the gateway.</summary>
    public static readonly string[] Gateways = ["gateway", "gateway2"];

    // Of a gateway that stops: long enough for a balancer that asks ten times a second, also on a busy machine.
    private const string Drain = "00:00:02";

    // Faults make the services say a lot.
    private static readonly string[] Settings =
    [
        "--Persist=false", "--Logging:LogLevel:KvAspire.AppHost.Resources=None",
        "--RateLimits:SignIn:Limit=0", "--RateLimits:Registration:Limit=0",
    ];

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan RecoveryTimeout = TimeSpan.FromSeconds(90);

    private readonly DistributedApplication app;

    private LiveSystem(DistributedApplication app) => this.app = app;

    /// <summary>Where the gateway answers.</summary>
    public Uri Gateway => AddressOf(Gateways[0]);

    /// <summary>Starts it.</summary>
    public static async Task<LiveSystem> StartAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.KvAspire_AppHost>(Settings, timeout.Token);
        AddReplicas(builder);

        var system = new LiveSystem(await builder.BuildAsync(timeout.Token));
        await system.app.StartAsync(timeout.Token);
        foreach (var resource in Replicas.Concat(Gateways))
            await system.HealthyAsync(resource, timeout.Token);
        return system;
    }

    /// <summary>Where a service answers over HTTP/1.1.</summary>
    public Uri AddressOf(string resource) => app.GetEndpoint(resource, "http");

    /// <summary>Registers a user.</summary>
    /// <returns>The owner of the user's entries, and an access token.</returns>
    public async Task<(string Owner, string Token)> RegisterAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = Gateway };
        var (username, password) = ($"user_{Guid.NewGuid():N}", "secure_password123");
        var owner = await PostAsync("/api/register", new { username, email = $"{username}@example.com", password, full_name = "John Doe" }, "user_id");
        return (owner, await PostAsync("/api/token", new { username, password }, "access_token"));

        async Task<string> PostAsync(string path, object body, string member)
        {
            using var answer = await http.PostAsJsonAsync(path, body, cancellationToken);
            answer.EnsureSuccessStatusCode();
            return (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!["data"]![member]!.GetValue<string>();
        }
    }

    /// <summary>The connection string of the data service's database.</summary>
    public async Task<string> DatabaseAsync(CancellationToken cancellationToken) =>
        await app.GetConnectionStringAsync("datadb", cancellationToken) ?? "";

    /// <summary>The connection string of Redis.</summary>
    public async Task<string> CacheAsync(CancellationToken cancellationToken) =>
        await app.GetConnectionStringAsync("cache", cancellationToken) ?? "";

    /// <summary>Sends a signal to the process of a resource, if it runs.</summary>
    public void Signal(string resource, int signal)
    {
        if (ProcessId(resource) is { } process)
            Signals.Send(process, signal);
    }

    /// <summary>Kills the process of a resource as a crash would.</summary>
    public async Task KillAsync(string resource, CancellationToken cancellationToken)
    {
        Signal(resource, Signals.Kill);
        await app.ResourceNotifications.WaitForResourceAsync(resource, KnownResourceStates.TerminalStates, cancellationToken);
    }

    /// <summary>Starts a resource that has ended, and waits until it is healthy.</summary>
    public async Task StartAsync(string resource, CancellationToken cancellationToken)
    {
        // What has only just ended does not take the command yet.
        var began = TimeProvider.System.GetTimestamp();
        while (!(await app.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.StartCommand, cancellationToken)).Success)
        {
            if (TimeProvider.System.GetElapsedTime(began) > RecoveryTimeout)
                throw new TimeoutException($"{resource} does not start: {State(resource)}.");
            await Task.Delay(50, cancellationToken);
        }

        await HealthyAsync(resource, cancellationToken);
    }

    /// <summary>Stops a resource in good order, starts it again, and waits until it is healthy.</summary>
    public async Task RestartAsync(string resource, CancellationToken cancellationToken)
    {
        if (!(await app.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.RestartCommand, cancellationToken)).Success)
            await StartAsync(resource, cancellationToken);
        await HealthyAsync(resource, cancellationToken);
    }

    /// <summary>Makes Redis forget everything.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var settings = (await app.GetConnectionStringAsync("cache", cancellationToken) ?? "").Split(',');
        var address = settings[0].Split(':');
        var password = settings.FirstOrDefault(setting => setting.StartsWith("password=", StringComparison.Ordinal))?["password=".Length..];

        using var client = new TcpClient();
        await client.ConnectAsync(address[0], int.Parse(address[1], CultureInfo.InvariantCulture), cancellationToken);
        var commands = (password is null ? "" : $"AUTH {password}\r\n") + "FLUSHALL\r\nQUIT\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(commands), cancellationToken);
        await client.GetStream().CopyToAsync(Stream.Null, cancellationToken);
    }

    /// <summary>Waits until a resource is healthy.</summary>
    public async Task HealthyAsync(string resource, CancellationToken cancellationToken)
    {
        try
        {
            await app.ResourceNotifications.WaitForResourceHealthyAsync(resource, cancellationToken).WaitAsync(RecoveryTimeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{resource} is not healthy again after {RecoveryTimeout.TotalSeconds} seconds: {State(resource)}.");
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static void AddReplicas(IDistributedApplicationTestingBuilder builder)
    {
        ProjectResource data = Find<ProjectResource>("data"), gateway = Find<ProjectResource>("gateway"), identity = Find<ProjectResource>("identity");
        var cache = Of(Find<RedisResource>("cache"));
        var issuer = Of(gateway).GetEndpoint("http");

        var secondData = Add(Replicas[1], data)
            .WithReference(Of(Find<PostgresDatabaseResource>("datadb"))).WithReference(cache).WithReference(Of(identity)).WaitFor(Of(data));
        var secondGateway = Add(Gateways[1], gateway)
            .WithReference(cache).WithReference(Of(identity)).WithReference(Of(data)).WaitFor(Of(data))
            .WithEnvironment("RateLimits__SignIn__Limit", "0").WithEnvironment("RateLimits__Registration__Limit", "0");
        foreach (var door in new[] { Of(gateway), secondGateway })
            door.WithEnvironment("services__data__h2c__1", secondData.GetEndpoint("h2c")).WithEnvironment("Drain__Delay", Drain).WaitFor(secondData);

        IResourceBuilder<ProjectResource> Add(string name, ProjectResource like)
        {
            var added = builder.AddProject(name, like.Annotations.OfType<IProjectMetadata>().Single().ProjectPath)
                .WithEnvironment("Tokens__Issuer", issuer).WithHttpHealthCheck("/health", endpointName: "http");
            foreach (var endpoint in added.Resource.Annotations.OfType<EndpointAnnotation>())
                endpoint.Port = null;
            return added;
        }

        T Find<T>(string name) where T : IResource => (T)builder.Resources.Single(resource => resource.Name == name);

        IResourceBuilder<T> Of<T>(T resource) where T : IResource => builder.CreateResourceBuilder(resource);
    }

    private string State(string resource) => app.ResourceNotifications.TryGetCurrentState(resource, out var now)
        ? $"{now.Snapshot.State?.Text}, {string.Join("; ", now.Snapshot.HealthReports.Select(report => $"{report.Name} {report.Status} {report.Description}"))}"
        : "unknown";

    // Only what the system itself says is one of its processes.
    private int? ProcessId(string resource) =>
        app.ResourceNotifications.TryGetCurrentState(resource, out var now)
            && now.Snapshot.State?.Text == KnownResourceStates.Running
            && now.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is int process
            ? process
            : null;
}
