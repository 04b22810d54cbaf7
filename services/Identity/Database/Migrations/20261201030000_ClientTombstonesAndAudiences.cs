using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace KvAspire.Identity.Database.Migrations
{
    /// <inheritdoc />
    public partial class ClientTombstonesAndAudiences : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string[]>(
                name: "audiences",
                table: "clients",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "deleted_at",
                table: "clients",
                type: "timestamp with time zone",
                nullable: true);

            // Clients that were deleted before leave a tombstone as well, and their entries are erased. Where a client got a token
            // later, it is one of the configuration with the same id, and the entries are its own.
            migrationBuilder.Sql(
                """
                WITH deleted AS (
                    SELECT subject AS id, max(at) AS at FROM audit_events
                    WHERE kind = 'client.deleted' AND subject IS NOT NULL
                        AND NOT EXISTS (SELECT FROM clients WHERE clients.id = subject)
                    GROUP BY subject),
                tombstones AS (
                    INSERT INTO clients (id, name, secret_hash, scope, first_party, disabled, created_at, deleted_at)
                    SELECT id, '', '', '', false, true, at, at FROM deleted)
                INSERT INTO erasures (user_id, requested_at, due_at, failures)
                SELECT id, now(), now(), 0 FROM deleted
                WHERE NOT EXISTS (
                    SELECT FROM audit_events later
                    WHERE later.subject = deleted.id AND later.at > deleted.at
                        AND later.kind = 'client.sign_in' AND later.outcome = 'success')
                ON CONFLICT (user_id) DO NOTHING
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "audiences",
                table: "clients");

            migrationBuilder.DropColumn(
                name: "deleted_at",
                table: "clients");
        }
    }
}
