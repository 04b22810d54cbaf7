using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
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
        using var entry = await StoredEntry.NewAsync(system);

        Assert.Contains("data is killed", await system.RunAsync("data", "kill", Cancel), StringComparison.Ordinal);
        Assert.Contains("data does not run", await system.RunAsync("data", "kill", Cancel), StringComparison.Ordinal);
        Assert.Contains(await entry.ReadAsync(), new[] { HttpStatusCode.BadGateway, HttpStatusCode.ServiceUnavailable });

        await system.StartAsync("data", Cancel);
        await LabSystem.EventuallyAsync(async () => await entry.ReadAsync() is HttpStatusCode.OK, "The entry cannot be read.", Cancel);
    }

    [Fact]
    public async Task With_Postgres_paused_cached_reads_succeed_and_writes_are_refused()
    {
        using var entry = await StoredEntry.NewAsync(system);
        using var data = system.Client("data");
        await entry.EventuallyReadFromAsync("hit");

        Assert.Contains("postgres is paused.", await system.RunAsync("postgres", "pause", Cancel), StringComparison.Ordinal);
        Assert.Contains("postgres is paused already", await system.RunAsync("postgres", "pause", Cancel), StringComparison.Ordinal);
        await entry.EventuallyReadFromAsync("hit");
        var writing = entry.Gateway.PostAsJsonAsync("/api/data", new { key = "another", value = 1 }, Cancel);
        await LabSystem.EventuallyAsync(async () => await HealthAsync(data) is HttpStatusCode.ServiceUnavailable, "The data service is healthy.", Cancel);

        Assert.Contains("postgres continues", await system.RunAsync("postgres", "resume", Cancel), StringComparison.Ordinal);
        using var written = await writing;
        Assert.Contains(written.StatusCode, new[] { HttpStatusCode.Created, HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout });
        await LabSystem.EventuallyAsync(async () => await HealthAsync(data) is HttpStatusCode.OK, "The data service is not healthy.", Cancel);
    }

    [Fact]
    public async Task Compaction_removes_all_but_the_newest_changes()
    {
        using var entry = await StoredEntry.NewAsync(system);
        for (var value = 2; value <= 4; value++)
            (await entry.Gateway.PutAsJsonAsync(StoredEntry.Path, new { value }, Cancel)).EnsureSuccessStatusCode();
        Assert.Equal(4, await RevisionsAsync());

        await system.RunAsync("data", "compact-history", Cancel, ("keep", "1"));
        Assert.Equal(1, await RevisionsAsync());
        await system.RunAsync("data", "compact-history", Cancel, ("keep", "1"));
        Assert.Equal(1, await RevisionsAsync());
        Assert.Equal(HttpStatusCode.OK, await entry.ReadAsync());

        async Task<int> RevisionsAsync() =>
            (await entry.Gateway.GetFromJsonAsync<JsonNode>("/api/revisions?key=entry", Cancel))!["data"]!["revisions"]!.AsArray().Count;
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

    private static async Task<HttpStatusCode> HealthAsync(HttpClient service)
    {
        using var answer = await service.GetAsync("/health", Cancel);
        return answer.StatusCode;
    }
}
