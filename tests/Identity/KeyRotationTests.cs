using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.SigningKeys;
using KvAspire.Identity.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;

namespace KvAspire.Identity.Tests;

public sealed class KeyRotationTests(IdentityFixture identity)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_rotated_on_request_is_announced_first_and_the_old_one_stays_published()
    {
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        await using var one = IdentityService.Start(database);
        await using var other = IdentityService.Start(database);
        var person = Person.New();
        await person.RegisterAsync(one.Client, Cancelled);
        var before = await person.SignInAsync(one.Client, Cancelled);
        using var admin = one.ClientWith(await one.SignInAdministratorAsync(Cancelled));

        var asked = TimeProvider.System.GetTimestamp();
        using var rotated = await admin.PostAsync("/api/admin/signing-keys/rotate", null, Cancelled);
        var next = (await rotated.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["key_id"]!.GetValue<string>();
        using var again = await admin.PostAsync("/api/admin/signing-keys/rotate", null, Cancelled);
        Assert.Equal(next, (await again.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["key_id"]!.GetValue<string>());

        // 1. Every replica announces the key before its first use.
        Assert.Equal([Kid(before), next], await KeysAsync(one));
        AssertNotYet(await person.SignInAsync(one.Client, Cancelled));
        await UntilAsync(async () => (await KeysAsync(other)).Contains(next));
        AssertNotYet(await person.SignInAsync(other.Client, Cancelled));

        // 2. Every replica uses the key, and tokens of the old one stay valid.
        await UntilAsync(async () => Kid(await person.SignInAsync(one.Client, Cancelled)) == next && Kid(await person.SignInAsync(other.Client, Cancelled)) == next);
        Assert.Equal([Kid(before), next], await KeysAsync(other));
        using var old = other.ClientWith(before);
        Assert.Equal(HttpStatusCode.OK, (await old.GetAsync("/api/account/sessions", Cancelled)).StatusCode);
        Assert.Equal(["retired", "signing"], await StatesAsync(admin));

        // On a busy machine a sign-in may outlast the announcement; then the new key has signed.
        void AssertNotYet(string token)
        {
            if (TimeProvider.System.GetElapsedTime(asked) < one.Services.GetRequiredService<IOptions<SigningKeyOptions>>().Value.AnnounceNow)
                Assert.Equal(Kid(before), Kid(token));
        }
    }

    [Fact]
    public async Task Scheduled_key_is_announced_14_days_ahead_and_the_old_one_goes_with_its_last_token()
    {
        var clock = new ShiftedClock();
        await using var service = IdentityService.Start(
            await identity.CreateMigratedDatabaseAsync(Cancelled), services => services.AddSingleton<TimeProvider>(clock));
        var first = Assert.Single(await KeysAsync(service));

        await ShiftAsync(TimeSpan.FromDays(75));
        Assert.Equal([first], await KeysAsync(service));

        await ShiftAsync(TimeSpan.FromDays(1.5));
        var announced = await KeysAsync(service);
        Assert.Equal(2, announced.Count);
        Assert.Equal(first, Signer(service));

        await ShiftAsync(TimeSpan.FromDays(13));
        Assert.Equal((first, announced[1]), (Signer(service), (await KeysAsync(service))[1]));

        await ShiftAsync(TimeSpan.FromDays(1.01)); // half a day late, as its announcement was
        Assert.Equal(announced[1], Signer(service));
        Assert.Equal(announced, await KeysAsync(service));

        await ShiftAsync(TimeSpan.FromHours(2));
        Assert.Equal([announced[1]], await KeysAsync(service));
        Assert.Equal([announced[1]], await IdentityFixture.QueryAsync(service.Database, "SELECT subject FROM audit_events WHERE kind = 'signing_key.rotated' AND actor IS NULL", Cancelled));

        async Task ShiftAsync(TimeSpan time)
        {
            clock.Shift += time;
            await using var scope = service.Services.CreateAsyncScope();
            var store = scope.ServiceProvider.GetRequiredService<SigningKeyStore>();
            await store.KeepScheduleAsync(Cancelled);
            await store.LoadAsync(Cancelled);
        }
    }

    [Fact]
    public async Task Concurrent_replicas_create_one_key()
    {
        var clock = new ShiftedClock();
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        await using var one = IdentityService.Start(database, services => services.AddSingleton<TimeProvider>(clock));
        await using var other = IdentityService.Start(database, services => services.AddSingleton<TimeProvider>(clock));
        clock.Shift = TimeSpan.FromDays(80);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async index =>
        {
            await using var scope = (index % 2 == 0 ? one : other).Services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<SigningKeyStore>().KeepScheduleAsync(Cancelled);
        }));

        Assert.Equal(["2"], await IdentityFixture.QueryAsync(database, "SELECT count(*) FROM signing_keys", Cancelled));
    }

    [Fact]
    public async Task Operator_needs_the_secret_to_rotate()
    {
        await using var service = IdentityService.Start(await identity.CreateMigratedDatabaseAsync(Cancelled));
        foreach (var secret in new[] { "", "wrong", IdentityService.OperatorSecret + "x" })
            Assert.Equal(HttpStatusCode.Unauthorized, await RotateAsync(secret));
        Assert.Single(await KeysAsync(service));

        Assert.Equal(HttpStatusCode.OK, await RotateAsync(IdentityService.OperatorSecret));
        Assert.Equal(2, (await KeysAsync(service)).Count);

        async Task<HttpStatusCode> RotateAsync(string secret)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/signing-keys/rotate");
            if (secret.Length > 0)
                request.Headers.Authorization = new("Bearer", secret);
            using var response = await service.Client.SendAsync(request, Cancelled);
            return response.StatusCode;
        }
    }

    private static string Kid(string token) => new JsonWebToken(token).Kid;

    private static string Signer(IdentityService service) => service.Services.GetRequiredService<SigningKeyRing>().Credentials.Key.KeyId!;

    private static async Task<List<string>> KeysAsync(IdentityService service) =>
        [.. (await service.Client.GetFromJsonAsync<JsonNode>("/.well-known/jwks.json", Cancelled))!["keys"]!.AsArray().Select(key => key!["kid"]!.GetValue<string>())];

    private static async Task<IEnumerable<string>> StatesAsync(HttpClient admin) =>
        (await admin.GetFromJsonAsync<JsonNode>("/api/admin/signing-keys", Cancelled))!["data"]!["items"]!.AsArray().Select(key => key!["state"]!.GetValue<string>());

    private static async Task UntilAsync(Func<Task<bool>> claim)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await claim())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), "It never became true.");
            await Task.Delay(200, Cancelled);
        }
    }

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}
