using KvAspire.Database;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Identity.Tests;

/// <summary>What Postgres refuses to the role of the identity service. The whole suite runs as that role.</summary>
public sealed class RoleTests(IdentityFixture identity)
{
    public static TheoryData<string> Refused =>
    [
        .. RefusedStatements.OfEveryService.Select(row => row.Data),
        "UPDATE audit_events SET outcome = 'success'",
        "UPDATE audit_events SET client_address = NULL",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "UPDATE revocations SET until = now()",
        "DELETE FROM clients",
        "SELECT audit_erase_addresses_before(now() - interval '22 hours')",
    ];

    private string Service => IdentityFixture.Roles.Service(identity.Service.Database);

    [Theory]
    [MemberData(nameof(Refused))]
    public Task The_role_of_the_service_is_refused(string statement) =>
        RefusedStatements.AssertRefusedAsync(Service, RefusedStatements.For(statement, "users", "identitydb_migrator"));

    [Fact]
    public Task No_role_connects_to_another_database() => RefusedStatements.AssertOtherDatabasesAsync(
        identity.Service.Database, Service, IdentityFixture.Roles.Migrator(identity.Service.Database));

    [Fact]
    public Task The_grants_name_every_table_and_function() => RefusedStatements.AssertAllAreNamedAsync(
        identity.Service.Database, EmbeddedSql.Read(typeof(Program).Assembly, MigrateCommand.Grants));
}
