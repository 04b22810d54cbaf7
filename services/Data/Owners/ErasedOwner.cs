using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Data.Owners;

/// <summary>
/// A row of <c>erased_owners</c>: nothing is stored for that owner any more, whoever was let in before. It names the owner
/// by a hash alone, and goes once no token of the owner can be valid and no write of theirs under way.
/// </summary>
internal sealed class ErasedOwner : IEntityTypeConfiguration<ErasedOwner>
{
    /// <summary>The SQLSTATE with which the database refuses to store something for an erased owner.</summary>
    public const string Refused = "KV002";

    /// <summary>
    /// The triggers that refuse, as the migration creates them. They fire for new rows only: an owner has none of
    /// <c>owners</c> once erased, so that whatever stores an entry makes one, while the writes of everybody else change the
    /// row that is there and cost nothing. An idempotency key is kept even of a request that stored nothing.
    /// </summary>
    public const string Triggers =
        """
        CREATE FUNCTION kv_refuse_erased_1() RETURNS trigger
        LANGUAGE plpgsql
        AS $function$
        BEGIN
            IF EXISTS (SELECT FROM erased_owners WHERE owner_hash = sha256(convert_to(NEW.owner, 'UTF8'))) THEN
                RAISE EXCEPTION SQLSTATE 'KV002' USING MESSAGE = 'The owner is erased.';
            END IF;
            RETURN NULL;
        END $function$;
        CREATE TRIGGER owners_not_erased AFTER INSERT ON owners FOR EACH ROW EXECUTE FUNCTION kv_refuse_erased_1();
        CREATE TRIGGER idempotency_not_erased AFTER INSERT ON idempotency FOR EACH ROW EXECUTE FUNCTION kv_refuse_erased_1();
        """;

    /// <summary>The SHA-256 of the owner's name.</summary>
    public required byte[] OwnerHash { get; init; }

    /// <summary>When it was last erased.</summary>
    public DateTimeOffset ErasedAt { get; init; }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<ErasedOwner> builder)
    {
        builder.ToTable("erased_owners");
        builder.HasKey(erased => erased.OwnerHash).HasName("erased_owners_pkey");
        builder.HasIndex(erased => erased.ErasedAt).HasDatabaseName("erased_owners_age");
        builder.Property(erased => erased.OwnerHash).HasColumnName("owner_hash");
        builder.Property(erased => erased.ErasedAt).HasColumnName("erased_at");
    }
}
