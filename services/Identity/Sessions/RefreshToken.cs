using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Identity.Sessions;

/// <summary>A refresh token as it is stored. Those that were used stay as long as the session, to notice their reuse.</summary>
internal sealed class RefreshToken
{
    /// <summary>The SHA-256 of the token.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>The family that it belongs to.</summary>
    public required string SessionId { get; init; }

    /// <summary>When it was first used; null while it is the living one of its family.</summary>
    public DateTimeOffset? UsedAt { get; set; }

    /// <summary>
    /// The successor, sealed with this token as the key: only who presents this token again can be given it once more.
    /// Gone once the successor itself was used.
    /// </summary>
    public byte[]? SealedSuccessor { get; set; }
}

/// <summary>The table <c>refresh_tokens</c>.</summary>
internal sealed class RefreshTokenMapping : IEntityTypeConfiguration<RefreshToken>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<RefreshToken> builder)
    {
        builder.ToTable("refresh_tokens");
        builder.HasKey(token => token.Hash).HasName("pk_refresh_tokens");
        builder.HasOne<Session>().WithMany().HasForeignKey(token => token.SessionId)
            .HasConstraintName("fk_refresh_tokens_sessions").OnDelete(DeleteBehavior.Cascade);

        // One living token for each family, whatever the code does.
        builder.HasIndex(token => token.SessionId).HasDatabaseName("ix_refresh_tokens_session_id");
        builder.HasIndex(token => token.SessionId, "ux_refresh_tokens_living").IsUnique()
            .HasFilter("used_at IS NULL").HasDatabaseName("ux_refresh_tokens_living");
    }
}
