using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using KvAspire.TestKit;

namespace KvAspire.Verify.Systems;

/// <summary>The whole system on free ports, without persistence, with two data replicas and two gateways.</summary>
internal sealed class LiveSystem : IAsyncDisposable
{
    public static readonly string[] Replicas = ["data", "data-2"];

    public static readonly string[] Gateways = ["gateway", "gateway-2"];

    private const string Database = "datadb";

    // Long enough for a load balancer that probes ten times a second, also on a busy machine.
    private const string Drain = "00:00:02";

    // A replica gives a statement 3 s. On a busy machine the disk alone can take longer over a commit, and that write would then be
    // of unknown outcome without a fault of ours.
    private const string PatientWithDisks = "Command Timeout=20";

    // Without the services' logs, which faults make long.
    private static readonly string[] Settings =
    [
        "--Persist=false", "--Replicas:Data=2", "--Replicas:Gateway=2", "--Logging:LogLevel:KvAspire.AppHost.Resources=None",
        "--RateLimits:SignIn:Limit=0", "--RateLimits:Registration:Limit=0",
    ];

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan RecoveryTimeout = TimeSpan.FromSeconds(90);

    private readonly DistributedApplication app;

    private LiveSystem(DistributedApplication app) => this.app = app;

    public Uri Gateway => AddressOf(Gateways[0]);

    public static async Task<LiveSystem> StartAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.KvAspire_AppHost>(Settings, timeout.Token);
        foreach (var gateway in builder.Resources.OfType<ProjectResource>().Where(project => Gateways.Contains(project.Name)))
            builder.CreateResourceBuilder(gateway).WithEnvironment("Drain__Delay", Drain);

        var database = builder.Resources.OfType<IResourceWithConnectionString>().Single(resource => resource.Name is Database);
        foreach (var replica in builder.Resources.OfType<ProjectResource>().Where(project => Replicas.Contains(project.Name)))
        {
            builder.CreateResourceBuilder(replica).WithEnvironment(
                $"ConnectionStrings__{Database}", ReferenceExpression.Create($"{database.ConnectionStringExpression};{PatientWithDisks}"));
        }

        var system = new LiveSystem(await builder.BuildAsync(timeout.Token));
        await system.app.StartAsync(timeout.Token);
        foreach (var resource in Replicas.Concat(Gateways))
            await system.HealthyAsync(resource, timeout.Token);
        return system;
    }

    /// <summary>The HTTP/1.1 address of a resource.</summary>
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

    public async Task<string> DatabaseAsync(CancellationToken cancellationToken) =>
        await app.GetConnectionStringAsync(Database, cancellationToken) ?? "";

    public async Task<string> CacheAsync(CancellationToken cancellationToken) =>
        await app.GetConnectionStringAsync("cache", cancellationToken) ?? "";

    /// <summary>Sends a signal of <see cref="ResourceProcesses"/> to a resource, if it runs.</summary>
    public Task SignalAsync(string resource, int signal, CancellationToken cancellationToken) => app.SignalAsync(resource, signal, cancellationToken);

    /// <summary>Kills a resource with SIGKILL, and waits for its end.</summary>
    public async Task KillAsync(string resource, CancellationToken cancellationToken)
    {
        await SignalAsync(resource, ResourceProcesses.Kill, cancellationToken);
        await app.ResourceNotifications.WaitForResourceAsync(resource, KnownResourceStates.TerminalStates, cancellationToken);
    }

    /// <summary>Starts an ended resource, and waits until it is healthy.</summary>
    public async Task StartAsync(string resource, CancellationToken cancellationToken)
    {
        // The orchestrator refuses the command right after the end of a process.
        var began = TimeProvider.System.GetTimestamp();
        while (!(await app.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.StartCommand, cancellationToken)).Success)
        {
            if (TimeProvider.System.GetElapsedTime(began) > RecoveryTimeout)
                throw new TimeoutException($"{resource} does not start: {State(resource)}.");
            await Task.Delay(50, cancellationToken);
        }

        await HealthyAsync(resource, cancellationToken);
    }

    /// <summary>Restarts a resource gracefully, and waits until it is healthy.</summary>
    public async Task RestartAsync(string resource, CancellationToken cancellationToken)
    {
        if (!(await app.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.RestartCommand, cancellationToken)).Success)
            await StartAsync(resource, cancellationToken);
        await HealthyAsync(resource, cancellationToken);
    }

    /// <summary>
    /// Waits until writes succeed again at each replica: after a loss of the database, connections that it had pooled fail once.
    /// </summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        var (_, token) = await RegisterAsync(cancellationToken);
        foreach (var target in Replicas.Append(Gateways[0]))
            await SettleAsync(target, token, cancellationToken);
    }

    private async Task SettleAsync(string target, string token, CancellationToken cancellationToken)
    {
        const int Enough = 32;
        var began = TimeProvider.System.GetTimestamp();
        using var http = new HttpClient { BaseAddress = AddressOf(target) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        for (var succeeded = 0; succeeded < Enough;)
        {
            using var written = await http.PutAsJsonAsync("/api/data/settled?upsert=true", new { value = succeeded }, cancellationToken);
            succeeded = written.IsSuccessStatusCode ? succeeded + 1 : 0;
            if (TimeProvider.System.GetElapsedTime(began) > RecoveryTimeout)
                throw new TimeoutException($"Writes at {target} do not succeed again: {(int)written.StatusCode}.");
        }
    }

    /// <summary>Deletes all keys in Redis.</summary>
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

    public async Task HealthyAsync(string resource, CancellationToken cancellationToken)
    {
        try
        {
            // A restart begins with the end of the resource, which may be reported late and is no reason to give up.
            await app.ResourceNotifications.WaitForResourceHealthyAsync(resource, WaitBehavior.WaitOnResourceUnavailable, cancellationToken).WaitAsync(RecoveryTimeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{resource} is not healthy again after {RecoveryTimeout.TotalSeconds} seconds: {State(resource)}.");
        }
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private string State(string resource) => app.ResourceNotifications.TryGetCurrentState(resource, out var now)
        ? $"{now.Snapshot.State?.Text}, {string.Join("; ", now.Snapshot.HealthReports.Select(report => $"{report.Name} {report.Status} {report.Description}"))}"
        : "unknown";
}
