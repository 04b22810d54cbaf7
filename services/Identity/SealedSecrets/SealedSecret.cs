namespace KvAspire.Identity.SealedSecrets;

/// <summary>A secret that all replicas share, encrypted by <see cref="SigningKeys.KeyEncryption"/> (table <c>sealed_secrets</c>).</summary>
internal sealed class SealedSecret
{
    /// <summary>The name, which is bound to the ciphertext.</summary>
    public required string Name { get; init; }

    /// <summary>The ciphertext.</summary>
    public required byte[] Box { get; set; }

    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class SealedSecretMapping : IEntityTypeConfiguration<SealedSecret>
{
    public void Configure(EntityTypeBuilder<SealedSecret> builder)
    {
        builder.ToTable("sealed_secrets");
        builder.HasKey(secret => secret.Name).HasName("pk_sealed_secrets");
    }
}
