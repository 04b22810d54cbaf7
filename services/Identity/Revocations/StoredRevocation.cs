using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Identity.Revocations;

/// <summary>Access tokens that have ended before their time. The row goes once the last of them has expired by itself.</summary>
internal sealed class StoredRevocation
{
    /// <summary>The row's number, which says nothing about the order in which rows become visible.</summary>
    public long Id { get; init; }

    /// <summary>The transaction that wrote it: what readers go by. See <see cref="RevocationStore.ReadAsync"/>.</summary>
    public long Xid { get; init; }

    /// <summary>Which claim names the tokens: <c>jti</c>, <c>sid</c> or <c>sub</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What the claim says.</summary>
    public required string Value { get; init; }

    /// <summary>Of a subject: the tokens issued before this have ended.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>When the last of the tokens has expired.</summary>
    public DateTimeOffset Until { get; init; }
}

/// <summary>The table <c>revocations</c>.</summary>
internal sealed class RevocationMapping : IEntityTypeConfiguration<StoredRevocation>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<StoredRevocation> builder)
    {
        builder.ToTable("revocations");
        builder.HasKey(revocation => revocation.Id).HasName("pk_revocations");
        builder.Property(revocation => revocation.Id).UseIdentityAlwaysColumn();
        builder.Property(revocation => revocation.Xid).HasDefaultValueSql("pg_current_xact_id()::text::bigint");
        builder.HasIndex(revocation => revocation.Xid).HasDatabaseName("ix_revocations_xid");
        builder.HasIndex(revocation => revocation.Until).HasDatabaseName("ix_revocations_until");
    }
}
