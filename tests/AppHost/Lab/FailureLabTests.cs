using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using StackExchange.Redis;
using Xunit;

namespace KvAspire.AppHost.Tests.Lab;

/// <summary>The commands of the failure lab, as Aspire's command line runs them, each of them twice.</summary>
[Collection(typeof(LabTests))]
public sealed class FailureLabTests(LabSystem system)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_ends_a_replica_and_start_brings_it_back()
    {
        using var gateway = await NewUserAsync();
        await StoreAsync(gateway, "killed");

        Assert.Contains("data is killed", await system.RunAsync("data", "kill", Cancel), StringComparison.Ordinal);
        Assert.Contains("data does not run", await system.RunAsync("data", "kill", Cancel), StringComparison.Ordinal);
        Assert.Contains(await StatusAsync(gateway, "/api/data/killed"), new[] { HttpStatusCode.BadGateway, HttpStatusCode.ServiceUnavailable });

        await system.StartAsync("data", Cancel);
        await LabSystem.EventuallyAsync(async () => await StatusAsync(gateway, "/api/data/killed") is HttpStatusCode.OK, "The entry cannot be read.", Cancel);
    }

    [Fact]
    public async Task A_paused_cache_costs_no_request_and_is_used_again_after_resume()
    {
        using var gateway = await NewUserAsync();
        await StoreAsync(gateway, "paused");
        await EventuallyReadFromAsync(gateway, "paused", "hit");

        Assert.Contains("cache is paused.", await system.RunAsync("cache", "pause", Cancel), StringComparison.Ordinal);
        Assert.Contains("cache is paused already", await system.RunAsync("cache", "pause", Cancel), StringComparison.Ordinal);
        await EventuallyReadFromAsync(gateway, "paused", "fwd=bypass");

        Assert.Contains("cache continues", await system.RunAsync("cache", "resume", Cancel), StringComparison.Ordinal);
        Assert.Contains("cache is not paused", await system.RunAsync("cache", "resume", Cancel), StringComparison.Ordinal);
        await EventuallyReadFromAsync(gateway, "paused", "hit");
    }

    [Fact]
    public async Task A_pause_ends_by_itself()
    {
        using var gateway = await NewUserAsync();
        await StoreAsync(gateway, "briefly-paused");

        await system.RunAsync("cache", "pause", Cancel, ("seconds", "3"));

        await EventuallyReadFromAsync(gateway, "briefly-paused", "fwd=bypass");
        await EventuallyReadFromAsync(gateway, "briefly-paused", "hit");
        Assert.Contains("cache is not paused", await system.RunAsync("cache", "resume", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flush_empties_the_cache()
    {
        using var gateway = await NewUserAsync();
        await StoreAsync(gateway, "flushed");
        await EventuallyReadFromAsync(gateway, "flushed", "hit");

        Assert.Contains("The cache is empty.", await system.RunAsync("cache", "flush", Cancel), StringComparison.Ordinal);
        using var missed = await gateway.GetAsync("/api/data/flushed", Cancel);
        Assert.DoesNotContain("hit", missed.Headers.GetValues("Cache-Status").Single(), StringComparison.Ordinal);
        Assert.Contains("The cache is empty.", await system.RunAsync("cache", "flush", Cancel), StringComparison.Ordinal);
        await EventuallyReadFromAsync(gateway, "flushed", "hit");
    }

    [Fact]
    public async Task A_slow_cache_takes_the_given_time_for_a_command_and_recovers_by_itself()
    {
        await using var redis = await RedisAsync();
        var before = await MedianPingAsync(redis, 20);

        Assert.Contains("20 ms longer", await system.RunAsync("cache", "slow", Cancel, ("milliseconds", "20"), ("seconds", "3")), StringComparison.Ordinal);
        Assert.Contains("cache is slow already", await system.RunAsync("cache", "slow", Cancel), StringComparison.Ordinal);
        var slow = await MedianPingAsync(redis, 40);

        Assert.InRange(slow - before, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(60));
        await Task.Delay(TimeSpan.FromSeconds(2), Cancel);
        await LabSystem.EventuallyAsync(async () => await MedianPingAsync(redis, 20) < TimeSpan.FromMilliseconds(10), "The cache is still slow.", Cancel);
    }

    [Fact]
    public async Task With_Postgres_paused_cached_reads_succeed_and_writes_are_refused()
    {
        using var gateway = await NewUserAsync();
        await StoreAsync(gateway, "written");
        await StoreAsync(gateway, "cached");
        await EventuallyReadFromAsync(gateway, "cached", "hit");

        Assert.Contains("postgres is paused.", await system.RunAsync("postgres", "pause", Cancel), StringComparison.Ordinal);
        Assert.Contains("postgres is paused already", await system.RunAsync("postgres", "pause", Cancel), StringComparison.Ordinal);
        using var data = system.Client("data");
        var writing = gateway.PutAsJsonAsync("/api/data/written", new { value = 2 }, Cancel);
        await EventuallyReadFromAsync(gateway, "cached", "hit");
        await LabSystem.EventuallyAsync(async () => await StatusAsync(data, "/health") is HttpStatusCode.ServiceUnavailable, "The data service is healthy.", Cancel);

        Assert.Contains("postgres continues", await system.RunAsync("postgres", "resume", Cancel), StringComparison.Ordinal);
        using var written = await writing;
        Assert.Contains(written.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout });
        await LabSystem.EventuallyAsync(async () => await StatusAsync(data, "/health") is HttpStatusCode.OK, "The data service is not healthy.", Cancel);
    }

    [Fact]
    public async Task Compaction_removes_all_but_the_newest_changes()
    {
        using var gateway = await NewUserAsync();
        await StoreAsync(gateway, "changed");
        for (var value = 2; value <= 4; value++)
            (await gateway.PutAsJsonAsync("/api/data/changed", new { value }, Cancel)).EnsureSuccessStatusCode();
        Assert.Equal(4, await RevisionsAsync(gateway));

        await system.RunAsync("data", "compact-history", Cancel, ("keep", "1"));
        Assert.Equal(1, await RevisionsAsync(gateway));
        await system.RunAsync("data", "compact-history", Cancel, ("keep", "1"));
        Assert.Equal(1, await RevisionsAsync(gateway));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway, "/api/data/changed"));

        async Task<int> RevisionsAsync(HttpClient client) =>
            (await client.GetFromJsonAsync<JsonNode>("/api/revisions?key=changed", Cancel))!["data"]!["items"]!.AsArray().Count;
    }

    [Fact]
    public async Task Rotation_announces_one_key_however_often_it_is_asked_for()
    {
        using var gateway = system.Client("gateway");
        var first = await system.RunAsync("identity", "rotate-signing-keys", Cancel);
        var keys = await KeysAsync();
        var second = await system.RunAsync("identity", "rotate-signing-keys", Cancel);

        Assert.Contains("is announced. It signs from", first, StringComparison.Ordinal);
        Assert.Equal(first, second);
        Assert.True(keys >= 2, "No key was announced.");
        Assert.Equal(keys, await KeysAsync());

        async Task<int> KeysAsync() => (await gateway.GetFromJsonAsync<JsonNode>("/.well-known/jwks.json", Cancel))!["keys"]!.AsArray().Count;
    }

    [Fact]
    public async Task Load_runs_once_at_a_time_and_as_a_user_of_its_own()
    {
        await LabSystem.EventuallyAsync( // the load of another test may still run
            async () => (await system.RunAsync("gateway", "make-load", Cancel, ("seconds", "3"), ("rate", "50"))).Contains("50 requests per second run until", StringComparison.Ordinal),
            "There is no load.", Cancel);
        Assert.Contains("Load runs already", await system.RunAsync("gateway", "make-load", Cancel), StringComparison.Ordinal);

        using var gateway = await SignInAsync("load");
        await LabSystem.EventuallyAsync(async () => await CountAsync(gateway) > 50, "There is no load.", Cancel);
    }

    [Fact]
    public async Task Demo_data_is_stored_once_and_its_user_can_sign_in()
    {
        var first = await system.RunAsync("gateway", "seed-demo-data", Cancel);
        using var gateway = await SignInAsync("demo");
        var stored = await CountAsync(gateway);
        using var read = await gateway.GetAsync("/api/data/users/42", Cancel);

        Assert.Contains($"has {stored} entries", first, StringComparison.Ordinal);
        Assert.Contains("Ada Lovelace", await read.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains("0 of them new", await system.RunAsync("gateway", "seed-demo-data", Cancel), StringComparison.Ordinal);
        Assert.Equal(stored, await CountAsync(gateway));
    }

    [Theory]
    [InlineData("cache", "pause", "seconds", "0")]
    [InlineData("cache", "slow", "milliseconds", "1001")]
    [InlineData("gateway", "make-load", "rate", "2001")]
    [InlineData("data", "compact-history", "keep", "0")]
    public async Task A_number_out_of_range_is_refused_with_its_range(string resource, string command, string argument, string value)
    {
        var inputs = new InteractionInputCollection([new() { Name = argument, Value = value, InputType = InputType.Number }]);
        var result = await system.App.ResourceCommands.ExecuteCommandAsync(resource, command, inputs, Cancel);

        Assert.False(result.Success);
        Assert.Matches($"^{argument} must be a whole number from [0-9]+ to [0-9]+\\.$", result.Message);
    }

    private async Task<HttpClient> NewUserAsync() => system.Client("gateway", (await system.RegisterAsync(Cancel)).AccessToken);

    private async Task<HttpClient> SignInAsync(string username)
    {
        using var anonymous = system.Client("gateway");
        using var signedIn = await anonymous.PostAsJsonAsync("/api/token", new { username, password = LabSystem.Password }, Cancel);
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
        var session = (await signedIn.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["data"]!;
        return system.Client("gateway", session["access_token"]!.GetValue<string>());
    }

    private static async Task<int> CountAsync(HttpClient gateway) =>
        (await gateway.GetFromJsonAsync<JsonNode>("/api/data?limit=1000", Cancel))!["data"]!["items"]!.AsArray().Count;

    private static async Task StoreAsync(HttpClient gateway, string key)
    {
        using var stored = await gateway.PostAsJsonAsync("/api/data", new { key, value = 1 }, Cancel);
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, Cancel);
        return answer.StatusCode;
    }

    // Every answer on the way is a success.
    private static Task EventuallyReadFromAsync(HttpClient gateway, string key, string status) => LabSystem.EventuallyAsync(
        async () =>
        {
            using var answer = await gateway.GetAsync($"/api/data/{key}", Cancel);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return answer.Headers.GetValues("Cache-Status").Single().Contains(status, StringComparison.Ordinal);
        },
        $"No read has the cache status {status}.", Cancel);

    private async Task<ConnectionMultiplexer> RedisAsync() =>
        await ConnectionMultiplexer.ConnectAsync((await system.App.GetConnectionStringAsync("cache", Cancel))!);

    private static async Task<TimeSpan> MedianPingAsync(ConnectionMultiplexer redis, int count)
    {
        var times = new List<TimeSpan>();
        for (var ping = 0; ping < count; ping++)
        {
            var began = Stopwatch.GetTimestamp();
            await redis.GetDatabase().PingAsync();
            times.Add(Stopwatch.GetElapsedTime(began));
            await Task.Delay(Random.Shared.Next(10), Cancel);
        }

        return times.Order().ElementAt(count / 2);
    }
}
