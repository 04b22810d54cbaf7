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
