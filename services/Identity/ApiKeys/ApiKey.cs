using KvAspire.Identity.Users;

namespace KvAspire.Identity.ApiKeys;

/// <summary>A key with which a machine acts for a user (table <c>api_keys</c>). Revoking the key deletes the row.</summary>
internal sealed class ApiKey
{
    /// <summary>The <c>sid</c> of the key's access tokens: a version 7 UUID.</summary>
    public required string Id { get; init; }

    public required string UserId { get; init; }
    public required string Name { get; init; }

    /// <summary>The first characters, which the user sees.</summary>
    public required string Prefix { get; init; }

    /// <summary>The SHA-256 of the key.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>The granted scopes, separated by spaces.</summary>
    public required string Scope { get; init; }

    /// <summary>The prefix that the keys of entries must have; null for all entries.</summary>
    public string? KeyPrefix { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time of expiry; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The time of the last exchange, to within minutes.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }
}

internal sealed class ApiKeyMapping : IEntityTypeConfiguration<ApiKey>
{
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
