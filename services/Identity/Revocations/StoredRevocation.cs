namespace KvAspire.Identity.Revocations;

/// <summary>Access tokens that ended before their expiry (table <c>revocations</c>), kept until they have expired.</summary>
internal sealed class StoredRevocation
{
    /// <summary>The number of the row. Rows become visible in another order.</summary>
    public long Id { get; init; }

    /// <summary>
    /// The transaction that wrote the row, which orders the rows for readers. See <see cref="RevocationStore.ReadAsync"/>.
    /// </summary>
    public long Xid { get; init; }

    /// <summary>The claim that names the tokens: <c>jti</c>, <c>sid</c> or <c>sub</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The value of the claim.</summary>
    public required string Value { get; init; }

    /// <summary>For a subject: the time before which the ended tokens were issued.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>The time at which the last of the tokens has expired.</summary>
    public DateTimeOffset Until { get; init; }
}

internal sealed class RevocationMapping : IEntityTypeConfiguration<StoredRevocation>
{
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
