using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace KvAspire.Identity.Database.Migrations
{
    /// <inheritdoc />
    public partial class RefreshParties : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "shared",
                table: "refresh_tokens",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<byte[]>(
                name: "used_by",
                table: "refresh_tokens",
                type: "bytea",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "shared",
                table: "refresh_tokens");

            migrationBuilder.DropColumn(
                name: "used_by",
                table: "refresh_tokens");
        }
    }
}
