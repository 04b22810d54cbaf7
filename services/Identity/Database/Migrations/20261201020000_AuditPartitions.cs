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
    // again, should the migration fail in between. The first partition ends at least a day from now. As in the script, a reader that
    // takes long makes writers wait for a second at most.
    private static readonly string[] Preparations =
    [
        """
        DO $$
        DECLARE
            v_tomorrow timestamp := now() AT TIME ZONE 'UTC' + interval '1 day';
            v_end timestamptz := date_trunc('month', v_tomorrow + interval '1 month') AT TIME ZONE 'UTC';
        BEGIN
            SET LOCAL lock_timeout = '1s';
            FOR v_try IN 1..60 LOOP
                BEGIN
                    ALTER TABLE audit_events
                        ADD COLUMN IF NOT EXISTS last_at timestamptz,
                        ADD COLUMN IF NOT EXISTS count bigint NOT NULL DEFAULT 1,
                        DROP CONSTRAINT IF EXISTS ck_audit_events_at;
                    EXECUTE format('ALTER TABLE audit_events ADD CONSTRAINT ck_audit_events_at CHECK (at < %L) NOT VALID', v_end);
                    EXIT;
                EXCEPTION WHEN lock_not_available THEN
                    IF v_try = 60 THEN
                        RAISE;
                    END IF;
                END;
                PERFORM pg_sleep(0.5);
            END LOOP;
        END $$
        """,
        "ALTER TABLE audit_events VALIDATE CONSTRAINT ck_audit_events_at",
        "DROP INDEX CONCURRENTLY IF EXISTS audit_events_first_pkey",
        "CREATE UNIQUE INDEX CONCURRENTLY audit_events_first_pkey ON audit_events (id, at)",
        "DROP INDEX CONCURRENTLY IF EXISTS audit_events_first_repeated",
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
