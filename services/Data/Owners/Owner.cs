using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Data.Owners;

/// <summary>A row of <c>owners</c>: the usage of an owner, and the range of the change log.</summary>
internal sealed class Owner : IEntityTypeConfiguration<Owner>
{
    /// <summary>The <c>sub</c> of the token.</summary>
    public required string Name { get; init; }

    public long Keys { get; init; }

    /// <summary>Bytes of keys, values and metadata.</summary>
    public long Bytes { get; init; }

    /// <summary>The revision of the last change.</summary>
    public long LastRevision { get; init; }

    /// <summary>Changes up to this revision are gone from the log.</summary>
    public long CompactedRevision { get; init; }

    public DateTimeOffset? CompactedAt { get; init; }

    public void Configure(EntityTypeBuilder<Owner> builder)
    {
        builder.ToTable("owners");
        builder.HasKey(owner => owner.Name).HasName("owners_pkey");
        builder.Property(owner => owner.Keys).HasDefaultValue(0L);
        builder.Property(owner => owner.Bytes).HasDefaultValue(0L);
        builder.Property(owner => owner.LastRevision).HasDefaultValue(0L);
        builder.Property(owner => owner.CompactedRevision).HasDefaultValue(0L);
    }
}
