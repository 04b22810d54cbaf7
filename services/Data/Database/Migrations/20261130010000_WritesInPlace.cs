using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace KvAspire.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class WritesInPlace : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Writes go on while the index is built. It comes first, and is dropped before, so that a migration that failed can run again.
            migrationBuilder.Sql("DROP INDEX IF EXISTS changes_of_entry", suppressTransaction: true);
            migrationBuilder.Sql(
                "CREATE INDEX CONCURRENTLY changes_of_entry ON changes (hashtextextended(key, hashtextextended(owner, 0)), revision)",
                suppressTransaction: true);

            migrationBuilder.Sql("DROP INDEX changes_of_key");
            migrationBuilder.Sql(SqlFile.Read("Database/Functions/kv_write.3.sql"));
            migrationBuilder.Sql(SqlFile.Read("Database/Functions/kv_write_once.3.sql"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("CREATE INDEX changes_of_key ON changes (owner, key, revision); DROP INDEX changes_of_entry;");
            migrationBuilder.Sql("DROP FUNCTION kv_write_once_3; DROP FUNCTION kv_write_3;");
        }
    }
}
