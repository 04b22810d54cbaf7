using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace KvAspire.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class Writes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "cache_faults",
                columns: table => new
                {
                    replica = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("cache_faults_pkey", x => x.replica);
                });

            migrationBuilder.CreateTable(
                name: "idempotency",
                columns: table => new
                {
                    owner = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    key = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    part = table.Column<int>(type: "integer", nullable: false),
                    fingerprint = table.Column<byte[]>(type: "bytea", nullable: false),
                    outcomes = table.Column<short[]>(type: "smallint[]", nullable: false),
                    revisions = table.Column<long[]>(type: "bigint[]", nullable: false),
                    results = table.Column<string[]>(type: "text[]", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("idempotency_pkey", x => new { x.owner, x.key, x.part });
                });

            migrationBuilder.CreateIndex(
                name: "entries_expiring",
                table: "entries",
                column: "expires_at",
                filter: "expires_at IS NOT NULL AND deleted_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "entries_expiring_of_owner",
                table: "entries",
                columns: new[] { "owner", "expires_at" },
                filter: "expires_at IS NOT NULL AND deleted_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "idempotency_age",
                table: "idempotency",
                column: "created_at");

            // A row that is changed in place should find room on its page.
            migrationBuilder.Sql("ALTER TABLE entries SET (fillfactor = 80); ALTER TABLE owners SET (fillfactor = 50);");
            migrationBuilder.Sql(SqlFile.Read("Database/Functions/kv_expire_locked.1.sql"));
            migrationBuilder.Sql(SqlFile.Read("Database/Functions/kv_write.1.sql"));
            migrationBuilder.Sql(SqlFile.Read("Database/Functions/kv_write_once.1.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP FUNCTION kv_write_once_1; DROP FUNCTION kv_write_1; DROP FUNCTION kv_expire_locked_1;");

            migrationBuilder.DropTable(
                name: "cache_faults");

            migrationBuilder.DropTable(
                name: "idempotency");

            migrationBuilder.DropIndex(
                name: "entries_expiring",
                table: "entries");

            migrationBuilder.DropIndex(
                name: "entries_expiring_of_owner",
                table: "entries");
        }
    }
}
