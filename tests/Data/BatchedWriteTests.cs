using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using KvAspire.GatewayProtocol;
using KvAspire.TestKit;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>Batches of puts: each put is checked and stored like a single one.</summary>
public sealed class BatchedWriteTests(World world) : IDisposable
{
    private const string Value = """{"value":[2.0]}""";

    private readonly Batch batch = new(world);
    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Token => world.Issuer.Issue(user.Subject);

    public void Dispose() => batch.Dispose();

    [Fact]
    public async Task Each_write_has_its_own_outcome_and_stored_values_can_be_read()
    {
        await user.StoreAsync("a", "1");
        var token = await batch.KnownAsync(Token);

        var answers = await WriteAsync(
            new(token, "a", Value), new(token, "none", Value), new(token, "new%20one", Value, Upserts: true), new(token, "a", """{"value":3}"""));

        Assert.Equal([200, 404, 201, 200], answers.Select(answer => answer.Status));
        Assert.Equal("""{"status":"success","message":"Data updated successfully."}""", Encoding.UTF8.GetString(answers[0].Body));
        Assert.Equal("KEY_NOT_FOUND", Encoding.UTF8.GetString(answers[1].Body));
        Assert.Equal("""{"status":"success","message":"Data stored successfully."}""", Encoding.UTF8.GetString(answers[2].Body));
        Assert.Equal("/api/data/new%20one", answers[2].Location);
        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/new%20one"), 200, User.Found("new one", "[2.0]"), Cancelled);
        var last = await user.GetAsync("/api/data/a");
        Assert.Equal($"\"{answers[3].Revision}\"", last.Headers.ETag?.Tag);
        await Envelope.AssertBodyAsync(last, 200, User.Found("a", "3"), Cancelled);
    }

    [Fact]
    public async Task All_writes_of_an_owner_share_a_commit()
    {
        const int Batches = 20; // a single batch may be split by bad timing
        var token = await batch.KnownAsync(Token);

        for (var number = 0; number < Batches; number++)
            await WriteAsync([.. Enumerable.Range(0, BatchFormat.MaxRequests).Select(i => new Replacement(token, $"{number}/{i}", Value, Upserts: true))]);

        await using var database = NpgsqlDataSource.Create(world.Database);
        await using var command = database.CreateCommand("SELECT count(*), count(DISTINCT xmin::text) FROM entries WHERE owner = $1");
        command.Parameters.AddWithValue(user.Subject);
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        Assert.True(await reader.ReadAsync(Cancelled));
        Assert.Equal(((long)BatchFormat.MaxRequests * Batches, (long)Batches), (reader.GetInt64(0), reader.GetInt64(1)));
    }

    [Theory]
    [InlineData("k", "no JSON")]
    [InlineData("k", """{"value":null}""")]
    [InlineData("k", """{"value":1,"ttl_seconds":0}""")]
    [InlineData("k", """{"value":1,"metadata":[]}""")]
    [InlineData("k", "[1]")]
    [InlineData("k", "")]
    [InlineData("a/../k", Value)]
    [InlineData("%FF", Value)]
    public async Task A_write_that_would_be_refused_is_not_tried_but_its_neighbours_are(string key, string body)
    {
        await user.StoreAsync("k", "1");
        await user.StoreAsync("good", "1");
        var token = await batch.KnownAsync(Token);

        var answers = await WriteAsync(new(token, key, body), new(token, "good", Value));

        Assert.Equal([0, 200], answers.Select(answer => answer.Status));
        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/k"), 200, User.Found("k", "1"), Cancelled);
    }

    [Fact]
    public async Task A_token_must_be_known_to_the_service_and_grant_the_request()
    {
        await user.StoreAsync("k", "1");
        await user.StoreAsync("part/k", "1");
        var reader = await batch.KnownAsync(world.Issuer.Issue(user.Subject, "kv:read"));
        var description = world.Issuer.Describe(user.Subject);
        description.Claims["kv_prefix"] = "part/";
        var part = await batch.KnownAsync(TestIssuer.Sign(description));
        var other = await batch.KnownAsync(world.Issuer.Issue(world.Data.NewUser().Subject));
        var forged = ForgedTokens.Forge(ForgedTokens.All.First(), world.Issuer, user.Subject);

        var answers = await WriteAsync(
            new(Token, "k", Value), new(reader, "k", Value), new(part, "k", Value), new(part, "part/k", Value), new(forged, "k", Value), new("", "k", Value), new(other, "k", Value));

        Assert.Equal([0, 0, 0, 200, 0, 0, 404], answers.Select(answer => answer.Status));
        await Envelope.AssertBodyAsync(await user.GetAsync("/api/data/k"), 200, User.Found("k", "1"), Cancelled);
    }

    [Fact]
    public async Task The_change_log_names_actor_and_trace_of_each_change()
    {
        await user.StoreAsync("k", "1");
        var trace = ActivityTraceId.CreateRandom();

        await WriteAsync(new Replacement(await batch.KnownAsync(Token), "k", Value) { Trace = trace });

        var history = JsonNode.Parse(await (await user.GetAsync("/api/revisions?key=k")).Content.ReadAsStringAsync(Cancelled))!["data"]!["revisions"]![0]!;
        Assert.Equal((user.Subject, trace.ToHexString()), (history["actor"]!.GetValue<string>(), history["trace_id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_write_that_Postgres_refuses_does_not_fail_its_neighbours()
    {
        var (token, poison) = (await batch.KnownAsync(Token), $"poison-{Guid.NewGuid():N}");
        await world.ExecuteAsync(
            $"""
            CREATE FUNCTION "{poison}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION SQLSTATE '22000'; END $$;
            CREATE TRIGGER batch_poison BEFORE INSERT ON changes FOR EACH ROW WHEN (NEW.key = '{poison}') EXECUTE FUNCTION "{poison}"()
            """);
        try
        {
            var answers = await WriteAsync(new(token, "a", Value, Upserts: true), new(token, poison, Value, Upserts: true), new(token, "b", Value, Upserts: true));
            Assert.Equal([201, 500, 201], answers.Select(answer => answer.Status));
            Assert.Equal("INTERNAL_SERVER_ERROR", Encoding.UTF8.GetString(answers[1].Body));
        }
        finally
        {
            await world.ExecuteAsync($"""DROP TRIGGER batch_poison ON changes; DROP FUNCTION "{poison}"()""");
        }
    }

    [Fact]
    public async Task A_malformed_batch_is_refused_in_the_envelope() => await batch.AssertHostileBatchesAreRefusedAsync(
        WriteRequests.Path, Of(new(await batch.KnownAsync(Token), "k", Value), new(Token, "k", Value)), "Invalid request. The body must be a batch of writes.");

    private async Task<IReadOnlyList<WriteAnswer>> WriteAsync(params Replacement[] writes)
    {
        var answers = WriteAnswers.Read(await batch.AskAsync(WriteRequests.Path, WriteAnswers.ContentType, Of(writes)), writes.Length);
        Assert.Equal(writes.Length, answers.Count);
        return answers;
    }

    private static byte[] Of(params Replacement[] writes) => Batch.Of(
        [.. writes.Select(write => (write.Token, write))],
        (writer, write) => writer.WriteReplacement(write.Upserts, write.Trace, write.Key, Encoding.UTF8.GetBytes(write.Body)));

    private sealed record Replacement(string Token, string Key, string Body, bool Upserts = false)
    {
        public ActivityTraceId Trace { get; init; } = ActivityTraceId.CreateRandom();
    }
}
