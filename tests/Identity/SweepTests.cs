using KvAspire.Identity.Audit;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.Sessions;
using KvAspire.Identity.SignIns;
using KvAspire.Identity.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.Identity.Tests;

/// <summary>Expired rows are deleted, and other rows stay.</summary>
public sealed class SweepTests(IdentityFixture identity) : IAsyncLifetime
{
    private QuickIdentity quick = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => quick = new(await identity.CreateMigratedDatabaseAsync(Cancelled));

    public ValueTask DisposeAsync() => quick.DisposeAsync();

    // Access tokens live for an hour, and a minute more for differing clocks. Until then the session may have to be revoked.
    [Fact]
    public async Task An_expired_session_is_deleted_once_its_last_access_token_has_expired()
    {
        foreach (var (id, expires) in new[] { ("past", "-62 minutes"), ("just expired", "-60 minutes"), ("living", "1 minute") })
        {
            await QueryAsync(
                $"""
                INSERT INTO sessions (id, user_id, client_id, scope, created_at, last_used_at, expires_at, ends_at)
                SELECT '{id}', id, 'kvaspire', 'kv:read', now(), now(), now() + interval '{expires}', now() + interval '1 day' FROM users;
                INSERT INTO refresh_tokens (hash, session_id) VALUES (sha256('{id}'), '{id}')
                """);
        }

        await InScopeAsync(services => services.GetRequiredService<SessionStore>().SweepAsync(Cancelled));
        Assert.Equal(["just expired", "living"], await QueryAsync("SELECT id FROM sessions ORDER BY 1"));
        Assert.Equal(["just expired", "living"], await QueryAsync("SELECT session_id FROM refresh_tokens ORDER BY 1"));
    }

    [Fact]
    public async Task A_session_of_a_sign_in_is_deleted_at_that_time_and_not_before()
    {
        await Person.Admin.SignInAsync(quick.Client, Cancelled);
        foreach (var (later, left) in new[] { (TimeSpan.FromDays(14), "1"), (TimeSpan.FromMinutes(60), "1"), (TimeSpan.FromMinutes(2), "0") })
        {
            quick.Clock.Advance(later);
            await InScopeAsync(services => services.GetRequiredService<SessionStore>().SweepAsync(Cancelled));
            Assert.Equal([left], await QueryAsync("SELECT count(*) FROM sessions"));
        }
    }

    [Fact]
    public async Task A_revocation_is_deleted_once_its_tokens_have_expired()
    {
        await QueryAsync(
            "INSERT INTO revocations (kind, value, until) VALUES ('jti', 'past', now() - interval '1 second'), ('sid', 'in force', now() + interval '1 minute')");
        await InScopeAsync(services => services.GetRequiredService<RevocationStore>().SweepAsync(Cancelled));
        Assert.Equal(["in force"], await QueryAsync("SELECT value FROM revocations"));

        quick.Clock.Advance(TimeSpan.FromMinutes(2));
        await InScopeAsync(services => services.GetRequiredService<RevocationStore>().SweepAsync(Cancelled));
        Assert.Empty(await QueryAsync("SELECT value FROM revocations"));
    }

    [Fact]
    public async Task Failed_sign_ins_are_forgotten_after_a_day()
    {
        await QueryAsync(
            """
            INSERT INTO failed_sign_ins (account, address, failures, failed_at) VALUES
                ('long ago', '*', 9, now() - interval '24 hours 1 minute'), ('yesterday', '*', 9, now() - interval '23 hours 59 minutes')
            """);
        await InScopeAsync(services => services.GetRequiredService<Lockout>().SweepAsync(Cancelled));
        Assert.Equal(["yesterday"], await QueryAsync("SELECT account FROM failed_sign_ins"));
    }

    [Fact]
    public async Task Client_addresses_of_audit_events_are_erased_after_90_days()
    {
        await QueryAsync(
            """
            INSERT INTO audit_events (at, kind, outcome, subject, client_address) VALUES
                (now() - interval '90 days 1 minute', 'user.sign_in', 'failure', 'old', '192.0.2.1'),
                (now() - interval '89 days 23 hours', 'user.sign_in', 'failure', 'young', '192.0.2.2');
            INSERT INTO failed_sign_ins (account, address, failures, failed_at) VALUES ('long ago', '*', 9, now() - interval '25 hours')
            """);
        var erasure = quick.Services.GetRequiredService<RetentionSweeper>();
        for (var round = 0; round < 2; round++)
        {
            await erasure.RunAsync(Cancelled);
            Assert.Equal(
                ["old|user.sign_in|failure|", "young|user.sign_in|failure|192.0.2.2"],
                await QueryAsync("SELECT subject, kind, outcome, host(client_address) FROM audit_events WHERE subject IN ('old', 'young') ORDER BY 1"));
        }

        Assert.Empty(await QueryAsync("SELECT account FROM failed_sign_ins")); // in the same sweep
    }

    private async Task InScopeAsync(Func<IServiceProvider, Task> sweep)
    {
        await using var scope = quick.Services.CreateAsyncScope();
        await sweep(scope.ServiceProvider);
    }

    private Task<IReadOnlyList<string>> QueryAsync(string sql) => IdentityFixture.QueryAsync(quick.Database, sql, Cancelled);
}
