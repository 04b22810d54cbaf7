using System.Net;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace KvAspire.Identity.Tests;

public sealed class AuditTests(IdentityFixture identity)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("UPDATE audit_events SET outcome = 'success' WHERE subject = '{0}'")]
    [InlineData("UPDATE audit_events SET client_address = '192.0.2.2' WHERE subject = '{0}'")]
    [InlineData("UPDATE audit_events SET client_address = NULL, actor = 'another' WHERE subject = '{0}'")]
    [InlineData("UPDATE audit_events SET count = count + 1 WHERE subject = '{0}'")]
    [InlineData("UPDATE audit_events SET last_at = now() WHERE subject = '{0}'")]
    [InlineData("DELETE FROM audit_events WHERE subject = '{0}'")]
    [InlineData("SET session_replication_role = replica; DELETE FROM audit_events WHERE subject = '{0}'")]
    [InlineData("TRUNCATE audit_events")]
    public async Task The_database_refuses_to_change_or_delete_an_event(string sql)
    {
        var subject = await RecordAsync();

        var refused = await Assert.ThrowsAsync<PostgresException>(() => QueryAsync(sql.Replace("{0}", subject, StringComparison.Ordinal)));

        Assert.Equal("audit_events is append-only", refused.MessageText);
        Assert.Equal(["failure|actor"], await QueryAsync($"SELECT outcome, actor FROM audit_events WHERE subject = '{subject}'"));
    }

    [Fact]
    public async Task The_client_address_of_an_event_can_be_erased()
    {
        var subject = await RecordAsync();

        await QueryAsync($"UPDATE audit_events SET client_address = NULL WHERE subject = '{subject}'");

        Assert.Equal(
            ["user.sign_in|failure|actor"],
            await QueryAsync($"SELECT kind, outcome, actor FROM audit_events WHERE subject = '{subject}' AND client_address IS NULL"));
    }

    [Fact]
    public async Task An_event_is_recorded_if_and_only_if_the_transaction_around_it_is_committed()
    {
        var (kept, dropped) = (NewSubject(), NewSubject());
        foreach (var (subject, commit) in new[] { (kept, true), (dropped, false) })
        {
            await using var scope = identity.Service.Services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<IdentityDb>();
            await db.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
            {
                await using var transaction = await db.Database.BeginTransactionAsync(Cancelled);
                await scope.ServiceProvider.GetRequiredService<AuditLog>()
                    .RecordAsync(AuditKinds.SignIn, AuditOutcomes.Failure, "actor", subject, Cancelled);
                if (commit)
                    await transaction.CommitAsync(Cancelled);
            });
        }

        Assert.Equal([kept], await QueryAsync($"SELECT subject FROM audit_events WHERE subject IN ('{kept}', '{dropped}')"));
    }

    private async Task<string> RecordAsync()
    {
        var subject = NewSubject();
        await using var scope = identity.Service.Services.CreateAsyncScope();
        var audit = scope.ServiceProvider.GetRequiredService<AuditLog>();
        await audit.RecordAsync(AuditKinds.SignIn, AuditOutcomes.Failure, "actor", subject, new Dictionary<string, string> { ["by"] = "test" }, Cancelled);
        var stored = await scope.ServiceProvider.GetRequiredService<IdentityDb>().AuditEvents.SingleAsync(e => e.Subject == subject, Cancelled);
        Assert.Equal((IPAddress?)null, stored.ClientAddress);
        return subject;
    }

    private static string NewSubject() => Guid.NewGuid().ToString();

    private Task<IReadOnlyList<string>> QueryAsync(string sql) => IdentityFixture.QueryAsync(identity.Service.Database, sql, Cancelled);
}
