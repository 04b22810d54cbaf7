using KvAspire.Data.Revisions;
using KvAspire.Data.Writes;
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
            // Nobody has to wait while it is made; and so it comes first, and may be begun again.
            migrationBuilder.Sql("DROP INDEX IF EXISTS changes_of_entry", suppressTransaction: true);
            migrationBuilder.Sql($"CREATE INDEX CONCURRENTLY changes_of_entry ON changes ({KeyHistory.HashOfKey}, revision)", suppressTransaction: true);

            migrationBuilder.Sql("DROP INDEX changes_of_key");
            migrationBuilder.Sql(WriteFunction.Write);
            migrationBuilder.Sql(WriteFunction.WriteOnce);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("CREATE INDEX changes_of_key ON changes (owner, key, revision); DROP INDEX changes_of_entry;");
            migrationBuilder.Sql("DROP FUNCTION kv_write_once_3; DROP FUNCTION kv_write_3;");
        }
    }
}
