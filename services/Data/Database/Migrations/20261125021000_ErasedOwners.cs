using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace KvAspire.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class ErasedOwners : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "erased_owners",
                columns: table => new
                {
                    owner_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    erased_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("erased_owners_pkey", x => x.owner_hash);
                });

            migrationBuilder.CreateIndex(
                name: "erased_owners_age",
                table: "erased_owners",
                column: "erased_at");

            migrationBuilder.Sql(SqlFile.Read("Database/Functions/kv_refuse_erased.1.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP FUNCTION kv_refuse_erased_1 CASCADE;");

            migrationBuilder.DropTable(
                name: "erased_owners");
        }
    }
}
