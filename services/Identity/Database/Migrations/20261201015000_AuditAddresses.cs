using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace KvAspire.Identity.Database.Migrations;

/// <summary>
/// Functions that erase client addresses, with the rights of their owner: the service itself may not change the audit log.
/// </summary>
[DbContext(typeof(IdentityDb))]
[Migration("20261201015000_AuditAddresses")]
public partial class AuditAddresses : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        -- Erases the client addresses before a moment, which must be a day ago: the service cannot erase a fresh trace. An hour is
        -- for clocks that differ.
        CREATE FUNCTION audit_erase_addresses_before(p_moment timestamptz) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
            IF p_moment > now() - interval '23 hours' THEN
                RAISE EXCEPTION 'client addresses are kept for a day' USING ERRCODE = 'insufficient_privilege';
            END IF;
            UPDATE audit_events SET client_address = NULL WHERE at < p_moment AND client_address IS NOT NULL;
        END $$;

        CREATE FUNCTION audit_erase_addresses_of(p_id text) RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
            UPDATE audit_events SET client_address = NULL WHERE (subject = p_id OR actor = p_id) AND client_address IS NOT NULL;
        $$;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql("DROP FUNCTION audit_erase_addresses_before; DROP FUNCTION audit_erase_addresses_of;");
}
