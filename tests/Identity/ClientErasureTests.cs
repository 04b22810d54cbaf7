using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Clients;
using KvAspire.Identity.Database;
using KvAspire.Identity.Erasure;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace KvAspire.Identity.Tests;

/// <summary>What is left of a client after its deletion. The data service is a stub that records what it is asked.</summary>
public sealed class ClientErasureTests(IdentityFixture identity) : IAsyncLifetime
{
    private const string Taken = "This client_id is or was in use. Please choose another one.";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<string> arrivals = [];
    private readonly string id = $"c{Guid.NewGuid():N}";
    private WebApplication data = null!;
    private IdentityService service = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        data = builder.Build();
        data.Run(context =>
        {
            arrivals.Enqueue($"{context.Request.Method} {context.Request.Path}");
            return context.Response.WriteAsync("{}", context.RequestAborted);
        });
        await data.StartAsync(Cancelled);
        service = IdentityService.Start(
            await identity.CreateMigratedDatabaseAsync(Cancelled),
            services => services.Configure<ErasureOptions>(erasure => erasure.Settle = TimeSpan.Zero),
            new(data.Urls.Single()));
    }

    public async ValueTask DisposeAsync()
    {
        await service.DisposeAsync();
        await data.DisposeAsync();
    }

    [Fact]
    public async Task Deleting_a_client_erases_its_entries_and_keeps_its_id_and_the_revocation_of_its_tokens()
    {
        using var admin = service.ClientWith(await service.SignInAdministratorAsync(Cancelled));
        Assert.Equal(HttpStatusCode.Created, (await CreateAsync(admin)).StatusCode);
        using var deleted = await admin.DeleteAsync($"/api/admin/clients/{id}", Cancelled);
        await Envelope.AssertBodyAsync(deleted, 200, """{"status":"success","message":"Client deleted successfully."}""", Cancelled);

        // The entries are erased.
        for (var began = TimeProvider.System.GetTimestamp(); await QueryAsync("SELECT kind FROM audit_events WHERE kind = 'client.erased'") is []; await Task.Delay(50, Cancelled))
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, "The client is not erased.");
        Assert.Contains($"DELETE /internal/owners/{id}", arrivals);
        Assert.Equal(["0"], await QueryAsync("SELECT count(*) FROM erasures"));

        // The tokens stay revoked, and nothing of the client is left but its id.
        Assert.Equal([$"sub|{id}"], await QueryAsync("SELECT kind, value FROM revocations WHERE kind = 'sub'"));
        Assert.Equal(["||0|True"], await QueryAsync($"SELECT name, scope, length(secret_hash), disabled FROM clients WHERE id = '{id}'"));

        // It is gone for the administrator as well, and its id is never reused.
        Assert.DoesNotContain(id, await admin.GetStringAsync("/api/admin/clients", Cancelled), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.PatchAsJsonAsync($"/api/admin/clients/{id}", new { disabled = false }, Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.PostAsync($"/api/admin/clients/{id}/secret", null, Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync($"/api/admin/clients/{id}", Cancelled)).StatusCode);
        await Envelope.AssertErrorAsync(await CreateAsync(admin), 409, "CLIENT_EXISTS", Taken, Cancelled);
    }

    [Fact]
    public async Task Clients_that_the_release_before_deleted_keep_their_ids_and_are_erased()
    {
        var database = await identity.CreateDatabaseAsync(Cancelled);
        await using var db = new IdentityDb(new DbContextOptionsBuilder<IdentityDb>().UseNpgsql(IdentityFixture.Roles.Migrator(database)).Options);
        await db.GetService<IMigrator>().MigrateAsync("20261201020000_AuditPartitions", Cancelled);
        await IdentityFixture.QueryAsync(
            database,
            """
            INSERT INTO clients (id, name, secret_hash, scope, first_party, disabled, created_at) VALUES ('again', 'A', 'x', 'kv:read', false, false, now());
            INSERT INTO audit_events (at, kind, outcome, subject) VALUES
                (now() - interval '3 days', 'client.deleted', 'success', 'gone'), (now() - interval '2 days', 'client.deleted', 'success', 'gone'),
                (now() - interval '4 days', 'client.sign_in', 'success', 'gone'), (now() - interval '1 day', 'client.sign_in', 'failure', 'gone'),
                (now() - interval '2 days', 'client.deleted', 'success', 'again'),
                (now() - interval '2 days', 'client.deleted', 'success', 'configured'), (now(), 'client.sign_in', 'success', 'configured')
            """,
            Cancelled);
        await db.Database.MigrateAsync(Cancelled);

        Assert.Equal(
            ["again|A|False|", "configured||True|2", "gone||True|2"],
            await IdentityFixture.QueryAsync(database, "SELECT id, name, disabled, extract(day FROM now() - deleted_at)::int FROM clients ORDER BY 1", Cancelled));
        Assert.Equal(["gone|True"], await IdentityFixture.QueryAsync(database, "SELECT user_id, due_at <= now() FROM erasures", Cancelled));
    }

    [Fact]
    public async Task No_token_is_issued_to_a_client_after_its_deletion()
    {
        using var admin = service.ClientWith(await service.SignInAdministratorAsync(Cancelled));
        using var created = await CreateAsync(admin);
        var secret = (await created.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["client_secret"]!.GetValue<string>();
        await using var postgres = NpgsqlDataSource.Create(service.Database);
        await using var deleter = await postgres.OpenConnectionAsync(Cancelled);
        await using var deletion = await deleter.BeginTransactionAsync(Cancelled);
        await using (var delete = new NpgsqlCommand($"UPDATE clients SET disabled = true, deleted_at = now() WHERE id = '{id}'", deleter))
            await delete.ExecuteNonQueryAsync(Cancelled);

        var asking = service.Client.PostAsync("/connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = id,
            ["client_secret"] = secret,
        }), Cancelled);
        await identity.WaitUntilHeldUpAsync(deleter, asking, Cancelled);
        await deletion.CommitAsync(Cancelled);

        using var refused = await asking;
        Assert.StartsWith("""{"error":"invalid_client",""", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Id_of_a_configured_client_stays_reserved_after_the_configuration_lost_it()
    {
        await using var later = IdentityService.Start(service.Database, services => services.PostConfigure<ClientOptions>(clients => clients.All = []));
        using var admin = later.ClientWith(await later.SignInAdministratorAsync(Cancelled));
        using var response = await admin.PostAsJsonAsync("/api/admin/clients", new { client_id = "reader", scope = "kv:read" }, Cancelled);
        await Envelope.AssertErrorAsync(response, 409, "CLIENT_EXISTS", Taken, Cancelled);
    }

    private Task<HttpResponseMessage> CreateAsync(HttpClient admin) =>
        admin.PostAsJsonAsync("/api/admin/clients", new { client_id = id, scope = "kv:read kv:write" }, Cancelled);

    private Task<IReadOnlyList<string>> QueryAsync(string sql) => IdentityFixture.QueryAsync(service.Database, sql, Cancelled);
}
