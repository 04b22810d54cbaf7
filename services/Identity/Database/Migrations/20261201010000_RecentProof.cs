using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace KvAspire.Identity.Database.Migrations
{
    /// <inheritdoc />
    public partial class RecentProof : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // The release before leaves it null. So its sessions are recognized, also those that it begins while both run.
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "auth_time",
                table: "sessions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "must_change_password",
                table: "users",
                type: "boolean",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "must_change_password",
                table: "users");

            migrationBuilder.DropColumn(
                name: "auth_time",
                table: "sessions");
        }
    }
}
