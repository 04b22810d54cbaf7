using KvAspire.Identity.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Identity.ApiKeys;

/// <summary>A key with which a machine acts for a user. The row goes when the key is revoked.</summary>
internal sealed class ApiKey
{
    /// <summary>The <c>sid</c> of the access tokens that it is exchanged for: a version 7 UUID.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string UserId { get; init; }

    /// <summary>What the user calls it.</summary>
    public required string Name { get; init; }

    /// <summary>How it begins: what is shown of it.</summary>
    public required string Prefix { get; init; }

    /// <summary>The SHA-256 of the key.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>What it grants, separated by spaces.</summary>
    public required string Scope { get; init; }

    /// <summary>The keys of entries that it reaches begin with this; null for all.</summary>
    public string? KeyPrefix { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ends by itself; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was last exchanged, to within minutes.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }
}

/// <summary>The table <c>api_keys</c>.</summary>
internal sealed class ApiKeyMapping : IEntityTypeConfiguration<ApiKey>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.ToTable("api_keys");
        builder.HasKey(key => key.Id).HasName("pk_api_keys");
        builder.HasOne<User>().WithMany().HasForeignKey(key => key.UserId)
            .HasConstraintName("fk_api_keys_users").OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(key => key.Hash).IsUnique().HasDatabaseName("ux_api_keys_hash");
        builder.HasIndex(key => new { key.UserId, key.Id }).HasDatabaseName("ix_api_keys_user_id");
    }
}
