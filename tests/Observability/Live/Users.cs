using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace KvAspire.Observability.Tests.Live;

/// <summary>Users who read, write, watch and sign in all the time, also while much fails.</summary>
internal sealed class Users : IAsyncDisposable
{
    private const string Password = "secure_password123";

    private readonly CancellationTokenSource over = new();
    private readonly string name = $"user_{Guid.NewGuid():N}";
    private readonly HttpClient gateway;
    private Task all = Task.CompletedTask;

    private Users(Uri gateway) => this.gateway = new() { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>Registers a user, who begins at once.</summary>
    public static async Task<Users> StartAsync(Uri gateway, CancellationToken cancellationToken)
    {
        var users = new Users(gateway);
        using var registered = await users.gateway.PostAsJsonAsync(
            "/api/register", new { username = users.name, email = $"{users.name}@example.com", password = Password, full_name = "John Doe" }, cancellationToken);
        registered.EnsureSuccessStatusCode();
        var session = await users.SignInAsync(cancellationToken);
        users.gateway.DefaultRequestHeaders.Authorization = new("Bearer", session["access_token"]!.GetValue<string>());
        await users.TourAsync(session["refresh_token"]!.GetValue<string>(), cancellationToken);
        users.all = Task.WhenAll(
            users.RepeatAsync(TimeSpan.FromMilliseconds(40), (client, cancel) => client.GetAsync("/api/data/steady", cancel)),
            users.RepeatAsync(TimeSpan.FromMilliseconds(100), (client, cancel) => client.PutAsJsonAsync("/api/data/steady", new { value = 1 }, cancel)),
            users.RepeatAsync(TimeSpan.FromSeconds(1), (client, cancel) => client.PostAsJsonAsync("/api/token", new { username = users.name, password = Password }, cancel)),
            users.RepeatAsync(TimeSpan.FromSeconds(1), users.WatchAsync));
        return users;
    }

    /// <summary>Tries wrong passwords: more at once than may wait for a hash from one address (96), so that the others are refused.</summary>
    public async Task FloodAsync(CancellationToken enough)
    {
        using var stranger = new HttpClient { BaseAddress = gateway.BaseAddress };
        await Task.WhenAll(Enumerable.Range(0, 110).Select(TryAsync)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        async Task TryAsync(int number)
        {
            while (true)
            {
                using var refused = await stranger.PostAsJsonAsync("/api/token", new { username = $"{name}_{number}", password = "wrong_password1" }, enough);
                await Task.Delay(200, enough);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        gateway.Dispose();
        over.Dispose();
    }

    // One of everything that a panel shows and that the steady requests do not do.
    private async Task TourAsync(string refreshToken, CancellationToken cancellationToken)
    {
        await SendAsync("/api/data", new { key = "steady", value = 0 });
        await SendAsync("/api/counters/visits", new { delta = 1 });
        await SendAsync("/api/token", new { grant_type = "refresh_token", refresh_token = refreshToken });
        await SendAsync("/api/token", new { username = name, password = "not the password" });
        foreach (var path in new[] { "/api/data", "/api/usage", "/api/revisions?key=steady", "/api/data/missing" })
            (await gateway.GetAsync(path, cancellationToken)).Dispose();

        using var forged = new HttpRequestMessage(HttpMethod.Get, "/api/data/steady");
        forged.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "not-a-token");
        (await gateway.SendAsync(forged, cancellationToken)).Dispose();

        async Task SendAsync(string path, object body) => (await gateway.PostAsJsonAsync(path, body, cancellationToken)).Dispose();
    }

    private async Task<JsonNode> SignInAsync(CancellationToken cancellationToken)
    {
        using var signedIn = await gateway.PostAsJsonAsync("/api/token", new { username = name, password = Password }, cancellationToken);
        signedIn.EnsureSuccessStatusCode();
        return (await signedIn.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!["data"]!;
    }

    // Reads the stream until it breaks.
    private async Task<HttpResponseMessage> WatchAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var answer = await client.GetAsync("/api/watch", HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await answer.Content.CopyToAsync(Stream.Null, cancellationToken);
        return answer;
    }

    private async Task RepeatAsync(TimeSpan pause, Func<HttpClient, CancellationToken, Task<HttpResponseMessage>> request)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                (await request(gateway, over.Token)).Dispose();
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or TaskCanceledException)
            {
                // Faults are what these tests make.
            }

            await Task.Delay(pause, over.Token);
        }
    }
}
