using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace KvAspire.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class WholeNumbers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(SqlFile.Read("Database/Functions/kv_write.4.sql"));
            migrationBuilder.Sql(SqlFile.Read("Database/Functions/kv_write_once.4.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP FUNCTION kv_write_once_4; DROP FUNCTION kv_write_4;");
        }
    }
}
