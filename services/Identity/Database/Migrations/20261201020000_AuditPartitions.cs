using KvAspire.Database;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace KvAspire.Identity.Database.Migrations;

/// <summary>Counts repeated audit events in one row, and divides the audit log into a partition for each month.</summary>
[DbContext(typeof(IdentityDb))]
[Migration("20261201020000_AuditPartitions")]
public partial class AuditPartitions : Migration
{
    // Replicas of the release before go on writing: each of these takes a moment, or a lock that writers do not wait for. All can run
    // again, should the migration fail in between. The first partition ends at least a day from now.
    private static readonly string[] Preparations =
    [
        "ALTER TABLE audit_events ADD COLUMN IF NOT EXISTS last_at timestamptz, ADD COLUMN IF NOT EXISTS count bigint NOT NULL DEFAULT 1",
        "ALTER TABLE audit_events DROP CONSTRAINT IF EXISTS ck_audit_events_at",
        """
        DO $$ BEGIN EXECUTE format('ALTER TABLE audit_events ADD CONSTRAINT ck_audit_events_at CHECK (at < %L) NOT VALID',
            date_trunc('month', now() AT TIME ZONE 'UTC' + interval '1 month 1 day') AT TIME ZONE 'UTC'); END $$
        """,
        "ALTER TABLE audit_events VALIDATE CONSTRAINT ck_audit_events_at",
        "DROP INDEX IF EXISTS audit_events_first_pkey",
        "CREATE UNIQUE INDEX CONCURRENTLY audit_events_first_pkey ON audit_events (id, at)",
        "DROP INDEX IF EXISTS audit_events_first_repeated",
        """
        CREATE INDEX CONCURRENTLY audit_events_first_repeated
        ON audit_events (coalesce(client_address, '0.0.0.0'), kind, at) WHERE actor IS NULL
        """,
    ];

    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        foreach (var statement in Preparations)
            migrationBuilder.Sql(statement, suppressTransaction: true);
        migrationBuilder.Sql(EmbeddedSql.Read(typeof(AuditPartitions).Assembly, "Database/Migrations/AuditPartitions.sql"));
    }
}
