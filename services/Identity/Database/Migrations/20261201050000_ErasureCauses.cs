using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace KvAspire.Identity.Database.Migrations;

/// <summary>An erasure remembers the request that asked for it, so that the traces of its steps lead there.</summary>
[DbContext(typeof(IdentityDb))]
[Migration("20261201050000_ErasureCauses")]
public partial class ErasureCauses : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.AddColumn<string>(name: "trace_parent", table: "erasures", type: "text", nullable: true);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) =>
        migrationBuilder.DropColumn(name: "trace_parent", table: "erasures");
}
