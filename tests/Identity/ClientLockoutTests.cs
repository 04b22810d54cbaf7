using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using Npgsql;

namespace KvAspire.Identity.Tests;

/// <summary>Wrong secrets of clients are counted and limited as wrong passwords are, and leave few rows.</summary>
public sealed class ClientLockoutTests(IdentityFixture identity) : IAsyncLifetime
{
    private const int Flood = 6_000;

    private QuickIdentity quick = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => quick = new(await identity.CreateMigratedDatabaseAsync(Cancelled));

    public ValueTask DisposeAsync() => quick.DisposeAsync();

    [Theory]
    [InlineData("/connect/token")]
    [InlineData("/connect/introspect")]
    [InlineData("/connect/revocation")]
    public async Task After_five_wrong_secrets_even_the_right_one_waits_at_that_address_only(string path)
    {
        using var client = quick.ClientFrom("192.0.2.1");
        for (var attempt = 0; attempt < 5; attempt++)
            Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(client, path, "reader", "wrong"));

        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(client, path, "reader", IdentityService.ClientSecret));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, path, "own-client", IdentityService.ClientSecret));
        using var elsewhere = quick.ClientFrom("192.0.2.2");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(elsewhere, path, "reader", IdentityService.ClientSecret));

        quick.Clock.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, path, "reader", IdentityService.ClientSecret));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(client, path, "reader", "wrong")); // the right one made it forget
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, path, "reader", IdentityService.ClientSecret));
    }

    [Fact]
    public async Task A_new_secret_ends_the_waits_after_wrong_ones()
    {
        using var admin = quick.ClientWith(await Person.Admin.SignInAsync(quick.Client, Cancelled));
        using var made = await admin.PostAsJsonAsync("/api/admin/clients", new { client_id = "waiting", scope = "kv:read" }, Cancelled);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        for (var attempt = 0; attempt < 9; attempt++)
            Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(quick.Client, "/connect/token", "waiting", "wrong"));

        using var renewed = await admin.PostAsync("/api/admin/clients/waiting/secret", null, Cancelled);
        var secret = (await renewed.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["client_secret"]!.GetValue<string>();
        IdentityService.Witness.Mind(secret);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(quick.Client, "/connect/token", "waiting", secret));
    }

    [Fact]
    public async Task Thousands_of_bad_introspections_leave_a_row_for_each_kind_of_refusal()
    {
        using var client = quick.ClientFrom("2001:db8:1:2::1");
        using var neighbour = quick.ClientFrom("2001:db8:1:2::2"); // of the same network
        await Parallel.ForAsync(0, Flood, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Cancelled }, async (number, _) =>
            Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(
                number % 2 is 0 ? client : neighbour, "/connect/introspect", (number % 3) switch { 0 => "reader", 1 => "unknown", _ => $"unknown{number}" }, "wrong")));

        var rows = await IdentityFixture.QueryAsync(
            quick.Database,
            "SELECT outcome, subject, host(client_address), count(*), sum(count), bool_and(last_at >= at) FROM audit_events WHERE kind = 'client.sign_in' GROUP BY 1, 2, 3 ORDER BY 1, 2",
            Cancelled);
        Assert.Equal(4, rows.Count);
        Assert.Equal(Flood, rows.Sum(row => int.Parse(row.Split('|')[4])));
        Assert.All(rows, row => Assert.Contains("|2001:db8:1:2::|1|", row, StringComparison.Ordinal));
        Assert.All(rows, row => Assert.EndsWith("|True", row, StringComparison.Ordinal));
        Assert.Equal(["4"], await IdentityFixture.QueryAsync(quick.Database, "SELECT count(*) FROM failed_sign_ins", Cancelled)); // two accounts, here and everywhere

        // An administrator sees first, last and number; the window ends.
        quick.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(client, "/connect/introspect", "reader", "wrong"));
        using var admin = quick.ClientWith(await Person.Admin.SignInAsync(quick.Client, Cancelled));
        var read = JsonNode.Parse(await admin.GetStringAsync("/api/admin/audit?kind=client.sign_in&subject=reader", Cancelled))!["data"]!["items"]!.AsArray();
        Assert.Equal(1, read[0]!["count"]!.GetValue<long>());
        Assert.Equal(Flood / 3 + 1, read.Sum(audited => audited!["count"]!.GetValue<long>()));
        Assert.All(read, audited => Assert.True(audited!["last_at"]!.GetValue<DateTimeOffset>() >= audited["at"]!.GetValue<DateTimeOffset>()));
    }

    [Fact]
    public async Task Failed_sign_ins_of_one_address_are_one_event_and_other_events_have_no_last_time()
    {
        var person = Person.New();
        var id = await person.RegisterAsync(quick.Client, Cancelled);
        using var client = quick.ClientFrom("192.0.2.3");
        for (var attempt = 0; attempt < 12; attempt++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.PostAsync("/api/token", Person.Json((person with { Password = "wrong" }).Credentials), Cancelled)).StatusCode);
        using var elsewhere = quick.ClientFrom("192.0.2.4");
        await elsewhere.PostAsync("/api/token", Person.Json((person with { Password = "wrong" }).Credentials), Cancelled);

        Assert.Equal(
            ["user.registered|success|127.0.0.1|1|False", "user.sign_in|failure|192.0.2.3|5|True", "user.sign_in|failure|192.0.2.4|1|True", "user.sign_in|locked|192.0.2.3|7|True"],
            await IdentityFixture.QueryAsync(
                quick.Database, $"SELECT kind, outcome, host(client_address), count, last_at IS NOT NULL FROM audit_events WHERE subject = '{id}' ORDER BY 1, 2, 3", Cancelled));
    }

    [Theory]
    [InlineData("count = 1")]
    [InlineData("count = count + 2")]
    [InlineData("count = count + 1, last_at = at - interval '1 second'")]
    [InlineData("count = count + 1, at = now()")]
    public async Task A_counted_event_can_only_be_counted_on(string change)
    {
        using var client = quick.ClientFrom("192.0.2.5");
        for (var attempt = 0; attempt < 3; attempt++)
            await StatusAsync(client, "/connect/token", "reader", "wrong");

        var refused = await Assert.ThrowsAsync<PostgresException>(() => IdentityFixture.QueryAsync(
            quick.Database, $"UPDATE audit_events SET {change} WHERE subject = 'reader' AND count = 3", Cancelled));
        Assert.Equal("audit_events is append-only", refused.MessageText);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path, string id, string secret)
    {
        using var form = new FormUrlEncodedContent([new("client_id", id), new("client_secret", secret), new("token", "x"), new("grant_type", "client_credentials")]);
        using var response = await client.PostAsync(path, form, Cancelled);
        return response.StatusCode;
    }
}
