using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace KvAspire.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class ChangeLog : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "expires_at",
                table: "entries",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "metadata",
                table: "entries",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "size",
                table: "entries",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "changes",
                columns: table => new
                {
                    owner = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    key = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    kind = table.Column<short>(type: "smallint", nullable: false),
                    value = table.Column<string>(type: "text", nullable: true),
                    metadata = table.Column<string>(type: "text", nullable: true),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    actor = table.Column<string>(type: "text", nullable: true),
                    trace_id = table.Column<string>(type: "text", nullable: true),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("changes_pkey", x => new { x.owner, x.revision });
                });

            migrationBuilder.CreateTable(
                name: "owners",
                columns: table => new
                {
                    owner = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    keys = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    bytes = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    last_revision = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    compacted_revision = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    compacted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("owners_pkey", x => x.owner);
                });

            migrationBuilder.CreateIndex(
                name: "changes_of_key",
                table: "changes",
                columns: new[] { "owner", "key", "revision" });

            // What is there counts. How it came about was not written down: history begins here.
            migrationBuilder.Sql("UPDATE entries SET size = octet_length(key) + octet_length(value) WHERE value IS NOT NULL;");
            migrationBuilder.Sql(
                """
                INSERT INTO owners (owner, keys, bytes, last_revision, compacted_revision, compacted_at)
                SELECT owner, count(value), coalesce(sum(size), 0), max(revision), max(revision), now() FROM entries GROUP BY owner;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "changes");

            migrationBuilder.DropTable(
                name: "owners");

            migrationBuilder.DropColumn(
                name: "expires_at",
                table: "entries");

            migrationBuilder.DropColumn(
                name: "metadata",
                table: "entries");

            migrationBuilder.DropColumn(
                name: "size",
                table: "entries");
        }
    }
}
