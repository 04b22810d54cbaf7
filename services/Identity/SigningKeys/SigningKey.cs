using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Identity.SigningKeys;

/// <summary>A key pair as it is stored: the public part in clear, the private part encrypted.</summary>
internal sealed class SigningKey
{
    /// <summary>The <c>kid</c>: the thumbprint of the public key (RFC 7638).</summary>
    public required string Id { get; init; }

    /// <summary>The public key: a SubjectPublicKeyInfo in DER (RFC 5280).</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>The private key: PKCS #8 in DER (RFC 5208), sealed by <see cref="KeyEncryption"/>.</summary>
    public required byte[] SealedPrivateKey { get; init; }

    /// <summary>When it was made, and first published.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when it signs: the latest that has begun does.</summary>
    public DateTimeOffset SignsFrom { get; set; }

    /// <summary>Until when it is published: its successor signs, and its last token has expired. Null without a successor.</summary>
    public DateTimeOffset? PublishedUntil { get; set; }
}

/// <summary>The table <c>signing_keys</c>.</summary>
internal sealed class SigningKeyMapping : IEntityTypeConfiguration<SigningKey>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<SigningKey> builder)
    {
        builder.ToTable("signing_keys");
        builder.HasKey(key => key.Id).HasName("pk_signing_keys");
    }
}
