using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace KvAspire.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class LeanWrites : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(SqlFile.Read("Database/Functions/kv_write.2.sql"));
            migrationBuilder.Sql(SqlFile.Read("Database/Functions/kv_write_once.2.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP FUNCTION kv_write_once_2; DROP FUNCTION kv_write_2;");
        }
    }
}
