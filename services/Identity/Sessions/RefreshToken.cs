namespace KvAspire.Identity.Sessions;

/// <summary>A refresh token (table <c>refresh_tokens</c>). The session keeps its used tokens to detect their reuse.</summary>
internal sealed class RefreshToken
{
    /// <summary>The SHA-256 of the token.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>The family of the token.</summary>
    public required string SessionId { get; init; }

    /// <summary>The time of the first use; null for the current token of the family.</summary>
    public DateTimeOffset? UsedAt { get; set; }

    /// <summary>The party of the first use (<see cref="TokenHolder"/>).</summary>
    public byte[]? UsedBy { get; set; }

    /// <summary>Whether two parties received the token, because each presented its predecessor within the grace.</summary>
    public bool Shared { get; set; }

    /// <summary>
    /// The successor, encrypted with this token as the key, so that only a client with this token can get it again. Null once the
    /// successor was used.
    /// </summary>
    public byte[]? SealedSuccessor { get; set; }
}

internal sealed class RefreshTokenMapping : IEntityTypeConfiguration<RefreshToken>
{
    public void Configure(EntityTypeBuilder<RefreshToken> builder)
    {
        builder.ToTable("refresh_tokens");
        builder.HasKey(token => token.Hash).HasName("pk_refresh_tokens");
        builder.Property(token => token.Shared).HasDefaultValue(false);
        builder.HasOne<Session>().WithMany().HasForeignKey(token => token.SessionId)
            .HasConstraintName("fk_refresh_tokens_sessions").OnDelete(DeleteBehavior.Cascade);

        // The database allows one current token for each family.
        builder.HasIndex(token => token.SessionId).HasDatabaseName("ix_refresh_tokens_session_id");
        builder.HasIndex(token => token.SessionId, "ux_refresh_tokens_living").IsUnique()
            .HasFilter("used_at IS NULL").HasDatabaseName("ux_refresh_tokens_living");
    }
}
