using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Data.Owners;

/// <summary>
/// A row of <c>erased_owners</c>: nothing is stored for this owner any more, even by requests that were admitted before. It
/// contains only a hash of the owner, and is removed when no token of the owner can be valid and no write of theirs can be
/// running.
/// </summary>
internal sealed class ErasedOwner : IEntityTypeConfiguration<ErasedOwner>
{
    /// <summary>The SQLSTATE with which the database refuses to store for an erased owner.</summary>
    public const string Refused = "KV002";

    /// <summary>SHA-256 of the owner's name.</summary>
    public required byte[] OwnerHash { get; init; }

    /// <summary>When the owner was last erased.</summary>
    public DateTimeOffset ErasedAt { get; init; }

    public void Configure(EntityTypeBuilder<ErasedOwner> builder)
    {
        builder.ToTable("erased_owners");
        builder.HasKey(erased => erased.OwnerHash).HasName("erased_owners_pkey");
        builder.HasIndex(erased => erased.ErasedAt).HasDatabaseName("erased_owners_age");
    }
}
