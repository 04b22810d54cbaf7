using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Database;
using KvAspire.Identity.SignIns;
using KvAspire.Identity.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
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
    public async Task Thousands_of_bad_introspections_write_no_more_than_the_budget_and_a_row_for_each_kind_of_refusal()
    {
        using var client = quick.ClientFrom("2001:db8:1:2::1");
        using var neighbour = quick.ClientFrom("2001:db8:1:2::2"); // of the same network
        await Parallel.ForAsync(0, Flood, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Cancelled }, async (number, _) =>
        {
            var id = (number % 3) switch { 0 => "reader", 1 => "unknown", _ => $"unknown{number}" };
            var status = await StatusAsync(number % 2 is 0 ? client : neighbour, "/connect/introspect", id, "wrong");
            Assert.True(status is HttpStatusCode.BadRequest or HttpStatusCode.TooManyRequests, $"{status}");
        });

        var rows = await IdentityFixture.QueryAsync(
            quick.Database,
            """
            SELECT outcome, coalesce(subject, '?'), host(client_address), count(*), bool_and(last_at >= at), sum(count)
            FROM audit_events WHERE kind = 'client.sign_in' GROUP BY 1, 2, 3 ORDER BY 1, 2
            """,
            Cancelled);
        Assert.Equal(
            ["failure|?|2001:db8:1:2::|1|True", "failure|reader|2001:db8:1:2::|1|True", "locked|reader|2001:db8:1:2::|1|True"],
            rows.Select(row => row[..row.LastIndexOf('|')]));
        var counted = rows.ToDictionary(row => row[..row.IndexOf('|', row.IndexOf('|') + 1)], row => int.Parse(row[(row.LastIndexOf('|') + 1)..]));
        Assert.InRange(counted.Values.Sum(), 60, Flood / 10); // a minute's budget, and one more each second
        Assert.Equal(["2"], await IdentityFixture.QueryAsync(quick.Database, "SELECT count(*) FROM failed_sign_ins", Cancelled)); // here and everywhere

        // An administrator sees first, last and number; the window ends.
        quick.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(client, "/connect/introspect", "reader", "wrong"));
        using var admin = quick.ClientWith(await Person.Admin.SignInAsync(quick.Client, Cancelled));
        var read = JsonNode.Parse(await admin.GetStringAsync("/api/admin/audit?kind=client.sign_in&subject=reader", Cancelled))!["data"]!["items"]!.AsArray();
        Assert.Equal(1, read[0]!["count"]!.GetValue<long>());
        Assert.Equal(counted["failure|reader"] + counted["locked|reader"] + 1, read.Sum(audited => audited!["count"]!.GetValue<long>()));
        Assert.All(read, audited => Assert.True(audited!["last_at"]!.GetValue<DateTimeOffset>() >= audited["at"]!.GetValue<DateTimeOffset>()));
    }

    [Fact]
    public async Task Beyond_its_budget_a_network_is_refused_without_a_row_unless_its_secret_is_right()
    {
        await using var tight = new QuickIdentity(
            await identity.CreateMigratedDatabaseAsync(Cancelled), services => services.Configure<LockoutOptions>(options => options.RefusedClientsPerMinute = 3));
        using var client = tight.ClientFrom("192.0.2.9");
        foreach (var unknown in new[] { "unknown", "unknown2", "?" })
            Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(client, "/connect/introspect", unknown, "wrong"));

        using var refused = await PostAsync(client, "/connect/introspect", "unknown", "wrong");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 20);
        Assert.StartsWith("""{"error":"temporarily_unavailable",""", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);

        // Guesses of the secret of a known client count all the same, and get the same answer.
        for (var attempt = 0; attempt < 9; attempt++)
            Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(client, "/connect/token", "reader", "wrong"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(client, "/connect/token", "reader", IdentityService.ClientSecret));
        Assert.Equal(
            ["failure||3", "failure|reader|5"],
            await IdentityFixture.QueryAsync(tight.Database, "SELECT outcome, subject, count FROM audit_events WHERE kind = 'client.sign_in' ORDER BY 3", Cancelled));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/connect/token", "own-client", IdentityService.ClientSecret));
        using var elsewhere = tight.ClientFrom("192.0.2.10");
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(elsewhere, "/connect/token", "unknown", "wrong"));
        tight.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(client, "/connect/introspect", "unknown", "wrong"));
    }

    [Fact]
    public async Task Failures_of_unknown_clients_and_during_a_wait_take_no_lock()
    {
        for (var attempt = 0; attempt < 5; attempt++)
            await StatusAsync(quick.Client, "/connect/token", "reader", "wrong");

        await using var postgres = NpgsqlDataSource.Create(quick.Database);
        await using var holder = await postgres.OpenConnectionAsync(Cancelled);
        await using var holding = await holder.BeginTransactionAsync(Cancelled);
        await using (var hold = new NpgsqlCommand(
            $"SELECT pg_advisory_xact_lock(hashtextextended(account, {AdvisoryLocks.SignIns})) FROM unnest(ARRAY['client:?', 'client:reader']) account", holder))
        {
            await hold.ExecuteNonQueryAsync(Cancelled);
        }

        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(quick.Client, "/connect/token", "unknown", "wrong"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(quick.Client, "/connect/token", "reader", "wrong"));
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
        using var response = await PostAsync(client, path, id, secret);
        return response.StatusCode;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string id, string secret)
    {
        using var form = new FormUrlEncodedContent([new("client_id", id), new("client_secret", secret), new("token", "x"), new("grant_type", "client_credentials")]);
        return await client.PostAsync(path, form, Cancelled);
    }
}
