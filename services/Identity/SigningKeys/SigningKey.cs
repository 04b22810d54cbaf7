namespace KvAspire.Identity.SigningKeys;

/// <summary>A key pair (table <c>signing_keys</c>). The private part is encrypted.</summary>
internal sealed class SigningKey
{
    /// <summary>The <c>kid</c>: the thumbprint of the public key (RFC 7638).</summary>
    public required string Id { get; init; }

    /// <summary>The public key: a SubjectPublicKeyInfo in DER (RFC 5280).</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>The private key: PKCS #8 in DER (RFC 5208), encrypted by <see cref="KeyEncryption"/>.</summary>
    public required byte[] SealedPrivateKey { get; set; }

    /// <summary>The time of creation and first publication.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time from which the key signs, until a later key does.</summary>
    public DateTimeOffset SignsFrom { get; set; }

    /// <summary>The time at which the last token of the key has expired; null until it has a successor.</summary>
    public DateTimeOffset? PublishedUntil { get; set; }
}

internal sealed class SigningKeyMapping : IEntityTypeConfiguration<SigningKey>
{
    public void Configure(EntityTypeBuilder<SigningKey> builder)
    {
        builder.ToTable("signing_keys");
        builder.HasKey(key => key.Id).HasName("pk_signing_keys");
    }
}
