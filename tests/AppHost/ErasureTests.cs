using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;
using Npgsql;
using Xunit;

namespace KvAspire.AppHost.Tests;

public sealed class ErasureTests(MortalSystem system) : IClassFixture<MortalSystem>
{
    // KVASPIRE_ERASURE_ROUNDS=50 is the long form. KVASPIRE_ERASURE_SEED repeats a run.
    private static readonly int Rounds = Setting("ROUNDS", 1);
    private static readonly int Seed = Setting("SEED", Random.Shared.Next());

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deleted_account_leaves_nothing_even_if_identity_or_data_is_killed_meanwhile()
    {
        Tell($"seed {Seed}");
        var random = new Random(Seed);
        List<Doomed> everybody = [];
        for (var round = 1; round <= Rounds; round++)
        {
            // 1. A user with all kinds of data, who keeps writing.
            var user = await Doomed.CreateAsync(system, Cancel);
            everybody.Add(user);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            var load = user.UseAsync(system, enough.Token);

            // 2. Delete the account and kill a process: mostly around the acknowledgement, else at any later time.
            var (victim, after) = (random.Next(2) == 0 ? "identity" : "data", random.Next(3) < 2 ? random.Next(700) : random.Next(6_000));
            var began = TimeProvider.System.GetTimestamp();
            var promise = user.DeleteAsync(system, Cancel);
            await Task.Delay(after, Cancel);
            await system.KillAsync(victim, Cancel);
            await Task.Delay(random.Next(500), Cancel);
            await system.StartAsync(victim, Cancel);
            var started = TimeProvider.System.GetElapsedTime(began);

            // 3. Without a response, delete again.
            var promised = await promise;
            for (; !promised; promised = await user.DeleteAsync(system, Cancel))
            {
                Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, "The deletion is not accepted.");
                await Task.Delay(200, Cancel);
            }

            // 4. No data is left, and no credential works.
            await NothingIsLeftAsync(user, began);
            await enough.CancelAsync();
            await load;
            await NothingWorksAsync(user);
            Tell($"round {round}: {victim} was killed after {after} ms, and up again after {started.TotalSeconds:F1} s; nothing was left after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F1} s");
        }

        foreach (var user in everybody)
            Assert.Equal([], await RemainsAsync(user));
    }

    private async Task NothingIsLeftAsync(Doomed user, long began)
    {
        while (await RemainsAsync(user) is { Count: > 0 } remains || !await IsRecordedAsync(user))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, string.Join('\n', await RemainsAsync(user)));
            await Task.Delay(250, Cancel);
        }
    }

    private async Task NothingWorksAsync(Doomed user)
    {
        foreach (var token in new[] { user.AccessToken, user.OtherAccessToken, user.ApiKey })
        {
            using var gateway = system.Client("gateway", token);
            Assert.Equal(HttpStatusCode.Unauthorized, (await gateway.GetAsync("/api/data/k", Cancel)).StatusCode);
            if (token == user.ApiKey)
                continue;

            using var data = system.Client("data", token);
            Assert.Equal(HttpStatusCode.Unauthorized, (await data.PutAsJsonAsync("/api/data/k?upsert=true", new { value = 1 }, Cancel)).StatusCode);
            using var identity = system.Client("identity", token);
            Assert.Equal(HttpStatusCode.Unauthorized, (await identity.GetAsync("/api/account", Cancel)).StatusCode);
        }

        using var anybody = system.Client("gateway");
        using var refreshed = await anybody.PostAsJsonAsync("/api/token", new { grant_type = "refresh_token", refresh_token = user.RefreshToken }, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, refreshed.StatusCode);
        using var signedIn = await anybody.PostAsJsonAsync("/api/token", new { username = user.Username, password = Account.Password }, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, signedIn.StatusCode);
    }

    private Task<List<string>> RemainsAsync(Doomed user) => new Remains(system).OfAsync(user.UserId, user.Username, user.Email, Cancel);

    // The audit log records the deletion by the opaque id.
    private async Task<bool> IsRecordedAsync(Doomed user)
    {
        await using var source = NpgsqlDataSource.Create(await system.App.GetConnectionStringAsync("identitydb", Cancel) ?? "");
        await using var count = source.CreateCommand("SELECT count(*) FROM audit_events WHERE kind = 'user.erased' AND subject = $1");
        count.Parameters.Add(new() { Value = user.UserId });
        return await count.ExecuteScalarAsync(Cancel) is 1L;
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable($"KVASPIRE_ERASURE_{name}") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static void Tell(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (Environment.GetEnvironmentVariable("KVASPIRE_ERASURE_LOG") is { } file)
            File.AppendAllText(file, line + Environment.NewLine);
    }
}

/// <summary>A user who deletes the account.</summary>
internal sealed record Doomed(
    string UserId, string Username, string Email, string AccessToken, string RefreshToken, string OtherAccessToken, string ApiKey)
{
    private const int Keys = 20;
    private const string WrongPassword = "a wrong password";

    private static readonly string[] ReadAndWrite = ["kv:read", "kv:write"];

    /// <summary>A user with two sessions, one of them refreshed, an API key, entries and a failed sign-in.</summary>
    public static async Task<Doomed> CreateAsync(RunningSystem system, CancellationToken cancellationToken)
    {
        system.Secrets.Add(WrongPassword);
        using var gateway = system.Client("gateway");
        var account = await Account.RegisterAsync(gateway, system.Secrets, cancellationToken);
        await PostAsync(gateway, "/api/token", new { username = account.Username, password = WrongPassword });
        var other = await PostAsync(gateway, "/api/token", new { username = account.Username, password = Account.Password });
        var refreshed = await PostAsync(gateway, "/api/token", new { grant_type = "refresh_token", refresh_token = Text(other, "refresh_token") });

        using var user = system.Client("gateway", account.AccessToken);
        var key = await PostAsync(user, "/api/keys", new { name = $"of {account.Username}", scopes = ReadAndWrite });
        for (var number = 0; number < Keys; number++)
            await PostAsync(user, "/api/data", new { key = $"k{number}", value = new { of = account.Username, number } });

        return new(
            account.UserId, account.Username, $"{account.Username}@example.com", account.AccessToken,
            Text(refreshed, "refresh_token"), Text(refreshed, "access_token"), Text(key, "key"));

        async Task<JsonNode?> PostAsync(HttpClient client, string path, object body)
        {
            using var answer = await client.PostAsJsonAsync(path, body, cancellationToken);
            return await answer.Content.ReadFromJsonAsync<JsonNode>(cancellationToken);
        }

        string Text(JsonNode? answer, string member)
        {
            var secret = answer!["data"]![member]!.GetValue<string>();
            system.Secrets.Add(secret);
            return secret;
        }
    }

    /// <summary>Reads and writes with every credential until refused or cancelled.</summary>
    public Task UseAsync(RunningSystem system, CancellationToken enough) =>
        Task.WhenAll([.. new[] { AccessToken, OtherAccessToken, ApiKey }.Select(token => UseAsync(system, token, enough)), GuessAsync(system, enough)]);

    /// <summary>Deletes the account.</summary>
    /// <returns>Whether the deletion was acknowledged, now or, without a response, by an unknown user in the retry.</returns>
    public async Task<bool> DeleteAsync(RunningSystem system, CancellationToken cancellationToken)
    {
        using var gateway = system.Client("gateway", AccessToken);
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/account") { Content = JsonContent.Create(new { password = Account.Password }) };
        try
        {
            using var answer = await gateway.SendAsync(request, cancellationToken);
            Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Unauthorized or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout, $"{answer.StatusCode}");
            return answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Unauthorized;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task GuessAsync(RunningSystem system, CancellationToken enough)
    {
        using var gateway = system.Client("gateway");
        for (var round = 0; round < 1_000 && !enough.IsCancellationRequested; round++)
        {
            try
            {
                (await gateway.PostAsJsonAsync("/api/token", new { username = Username, password = WrongPassword }, enough)).Dispose();
                await Task.Delay(300, enough);
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                // No response either.
            }
        }
    }

    private async Task UseAsync(RunningSystem system, string token, CancellationToken enough)
    {
        using var gateway = system.Client("gateway", token);
        for (var round = 0; round < 100_000 && !enough.IsCancellationRequested; round++)
        {
            try
            {
                using var once = new HttpRequestMessage(HttpMethod.Post, "/api/data")
                {
                    Content = JsonContent.Create(new { key = $"once{round}", value = Username, ttl_seconds = 1 + (round % 3) }),
                    Headers = { { "Idempotency-Key", $"{Username}-{round}" } },
                };
                (await gateway.SendAsync(once, enough)).Dispose();
                (await gateway.PutAsJsonAsync($"/api/data/k{round % Keys}?upsert=true", new { value = Username }, enough)).Dispose();
                using var read = await gateway.GetAsync($"/api/data/k{round % Keys}", enough);
                if (read.StatusCode is HttpStatusCode.Unauthorized)
                    return;

                (await gateway.GetAsync($"/api/data/none{round}", enough)).Dispose();
                (await gateway.DeleteAsync($"/api/data/once{round}", enough)).Dispose();
                await Task.Delay(5, enough);
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                // Lost responses do not matter to this test.
            }
        }
    }
}
