using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.TestKit;

namespace KvAspire.Bench;

/// <summary>The whole system as the AppHost starts it, with a user who has <see cref="Keys"/> entries of 100 bytes.</summary>
internal sealed class SystemUnderLoad(DistributedApplication app, TimeSpan startedIn) : IAsyncDisposable
{
    public const int Keys = 10_000;

    /// <summary>
    /// The user with the entries, and a user for sign-ins: only the last hundred sessions of a user live, so a load of sign-ins
    /// ends all others.
    /// </summary>
    public const string Username = "bench_user", Signer = "bench_signer", Password = "a bench's own passphrase";

    /// <summary>The password of the user <c>admin</c>.</summary>
    public const string AdminPassword = "an administrator of benches";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    /// <summary>From the start of the first process until the gateway is healthy.</summary>
    public TimeSpan StartedIn => startedIn;

    public Uri Gateway => Address("gateway");

    /// <summary>The access token of <see cref="Username"/>.</summary>
    public string Token { get; private set; } = "";

    /// <summary>The settings of the scripts that read and write the entries.</summary>
    public IReadOnlyDictionary<string, string> EntriesScript => new Dictionary<string, string>(Script("/api/data/k")) { ["TOKEN"] = Token };

    /// <summary>The settings of the script that signs in.</summary>
    public static IReadOnlyDictionary<string, string> SignInScript { get; } = new Dictionary<string, string> { ["USERNAME"] = Signer, ["PASSWORD"] = Password };

    /// <summary>The settings of a script that uses the keys behind a path, without a token.</summary>
    public static IReadOnlyDictionary<string, string> Script(string prefix) => new Dictionary<string, string> { ["KEYS"] = $"{Keys}", ["PATH_PREFIX"] = prefix };

    /// <summary>Starts the system on free ports, without persistence.</summary>
    public static async Task<SystemUnderLoad> StartAsync(Action<IDistributedApplicationTestingBuilder>? extend = null)
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.KvAspire_AppHost>(
            [
                "--Persist=false", "--Logging:LogLevel:Default=None", $"--Parameters:first-admin-password={AdminPassword}",
                // Rate limits count, but never refuse.
                "--RateLimits:SignIn:Limit=100000000", "--RateLimits:Registration:Limit=100000000", "--RateLimits:Other:Limit=100000000",
                "--RateLimits:Read:Limit=100000000", "--RateLimits:Write:Limit=100000000",
            ],
            timeout.Token);
        extend?.Invoke(builder);
        var app = await builder.BuildAsync(timeout.Token);
        var began = TimeProvider.System.GetTimestamp();
        await app.StartAsync(timeout.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", timeout.Token);
        return new(app, TimeProvider.System.GetElapsedTime(began));
    }

    public int ProcessOf(string resource) => app.ProcessOf(resource) ?? throw new InvalidOperationException($"{resource} does not run.");

    public Uri Address(string service) => app.GetEndpoint(service, "http");

    public async Task<string> ConnectionStringAsync(string resource) =>
        await app.GetConnectionStringAsync(resource) ?? throw new InvalidOperationException($"{resource} has no connection string.");

    /// <summary>Registers the users and stores the entries.</summary>
    public async Task FillAsync()
    {
        await RegisterAsync(Username);
        await RegisterAsync(Signer);
        Token = await SignInAsync(Username, Password);
        await ForEachKeyAsync((client, number, cancellationToken) =>
            client.PostAsJsonAsync("/api/data", new { key = $"k{number}", value = new string('x', 98) }, cancellationToken));
    }

    /// <summary>Reads every entry into the cache, where it stays for a minute, less than the other rows take.</summary>
    public Task WarmAsync() => ForEachKeyAsync((client, number, cancellationToken) => client.GetAsync($"/api/data/k{number}", cancellationToken));

    /// <summary>Registers a user with the password <see cref="Password"/>.</summary>
    /// <returns>The user's id, which is the owner of the user's entries.</returns>
    public async Task<string> RegisterAsync(string username)
    {
        using var client = app.CreateHttpClient("gateway", "http");
        using var registered = await client.PostAsJsonAsync("/api/register",
            new { username, email = $"{username}@example.com", password = Password, full_name = "Bench" });
        registered.EnsureSuccessStatusCode();
        return JsonNode.Parse(await registered.Content.ReadAsStringAsync())!["data"]!["user_id"]!.GetValue<string>();
    }

    /// <returns>The access token.</returns>
    public async Task<string> SignInAsync(string username, string password)
    {
        using var client = app.CreateHttpClient("gateway", "http");
        using var signedIn = await client.PostAsJsonAsync("/api/token", new { username, password });
        signedIn.EnsureSuccessStatusCode();
        return JsonNode.Parse(await signedIn.Content.ReadAsStringAsync())!["data"]!["access_token"]!.GetValue<string>();
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task ForEachKeyAsync(Func<HttpClient, int, CancellationToken, Task<HttpResponseMessage>> send)
    {
        using var client = app.CreateHttpClient("gateway", "http");
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        await Parallel.ForAsync(1, Keys + 1, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (number, cancellationToken) =>
        {
            using var answer = await send(client, number, cancellationToken);
            answer.EnsureSuccessStatusCode();
        });
    }
}
