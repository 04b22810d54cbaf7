using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace KvAspire.Bench;

/// <summary>The whole system as the AppHost starts it, with a user who has <see cref="Keys"/> entries of 100 bytes.</summary>
internal sealed class SystemUnderLoad(DistributedApplication app, TimeSpan startedIn) : IAsyncDisposable
{
    /// <summary>How many entries.</summary>
    public const int Keys = 10_000;

    /// <summary>The user.</summary>
    public const string Username = "bench_user", Password = "a bench's own passphrase";

    /// <summary>The password of the user <c>admin</c>.</summary>
    public const string AdminPassword = "an administrator of benches";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    /// <summary>From the start of the first process to the first good answer of the gateway.</summary>
    public TimeSpan StartedIn => startedIn;

    /// <summary>The gateway.</summary>
    public Uri Gateway => Address("gateway");

    /// <summary>The user's access token.</summary>
    public string Token { get; private set; } = "";

    /// <summary>Starts it on free ports, with nothing kept.</summary>
    public static async Task<SystemUnderLoad> StartAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.KvAspire_AppHost>(
            [
                "--Persist=false", "--Logging:LogLevel:Default=None", $"--Parameters:first-admin-password={AdminPassword}",
                // Counted, and never refused.
                "--RateLimits:SignIn:Limit=100000000", "--RateLimits:Registration:Limit=100000000", "--RateLimits:Other:Limit=100000000",
                "--RateLimits:Read:Limit=100000000", "--RateLimits:Write:Limit=100000000",
            ],
            timeout.Token);
        var app = await builder.BuildAsync(timeout.Token);
        var began = TimeProvider.System.GetTimestamp();
        await app.StartAsync(timeout.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", timeout.Token);
        return new(app, TimeProvider.System.GetElapsedTime(began));
    }

    /// <summary>Where a service answers.</summary>
    public Uri Address(string service) => app.GetEndpoint(service, "http");

    /// <summary>The connection string of a resource.</summary>
    public async Task<string> ConnectionStringAsync(string resource) =>
        await app.GetConnectionStringAsync(resource) ?? throw new InvalidOperationException($"{resource} has no connection string.");

    /// <summary>Registers the user and stores the entries.</summary>
    public async Task FillAsync()
    {
        await RegisterAsync(Username);
        Token = await SignInAsync(Username, Password);

        using var client = app.CreateHttpClient("gateway", "http");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        await Parallel.ForAsync(1, Keys + 1, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (number, cancellationToken) =>
        {
            using var stored = await client.PostAsJsonAsync("/api/data", new { key = $"k{number}", value = new string('x', 98) }, cancellationToken);
            stored.EnsureSuccessStatusCode();
        });
    }

    /// <summary>Reads every entry, so that the cache has it: there it lives for a minute, less than the other rows take.</summary>
    public async Task WarmAsync()
    {
        using var client = app.CreateHttpClient("gateway", "http");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        await Parallel.ForAsync(1, Keys + 1, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (number, cancellationToken) =>
        {
            using var read = await client.GetAsync($"/api/data/k{number}", cancellationToken);
            read.EnsureSuccessStatusCode();
        });
    }

    /// <summary>Registers somebody, with the password <see cref="Password"/>.</summary>
    /// <returns>The user's id, which is the owner of what the user stores.</returns>
    public async Task<string> RegisterAsync(string username)
    {
        using var client = app.CreateHttpClient("gateway", "http");
        using var registered = await client.PostAsJsonAsync("/api/register",
            new { username, email = $"{username}@example.com", password = Password, full_name = "Bench" });
        registered.EnsureSuccessStatusCode();
        return JsonNode.Parse(await registered.Content.ReadAsStringAsync())!["data"]!["user_id"]!.GetValue<string>();
    }

    /// <summary>Signs somebody in.</summary>
    /// <returns>The access token.</returns>
    public async Task<string> SignInAsync(string username, string password)
    {
        using var client = app.CreateHttpClient("gateway", "http");
        using var signedIn = await client.PostAsJsonAsync("/api/token", new { username, password });
        signedIn.EnsureSuccessStatusCode();
        return JsonNode.Parse(await signedIn.Content.ReadAsStringAsync())!["data"]!["access_token"]!.GetValue<string>();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => app.DisposeAsync();
}
