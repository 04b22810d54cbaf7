using KvAspire.Data.Entries;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Data.Owners;

/// <summary>A row of <c>owners</c>: what one user has stored, and how far the change log reaches.</summary>
internal sealed class Owner : IEntityTypeConfiguration<Owner>
{
    /// <summary>The user: the <c>sub</c> of the token.</summary>
    public required string Name { get; init; }

    /// <summary>How many keys.</summary>
    public long Keys { get; init; }

    /// <summary>How many bytes of keys, values and metadata.</summary>
    public long Bytes { get; init; }

    /// <summary>The revision of the last change.</summary>
    public long LastRevision { get; init; }

    /// <summary>Changes up to here are gone from the log.</summary>
    public long CompactedRevision { get; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset? CompactedAt { get; init; }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<Owner> builder)
    {
        builder.ToTable("owners");
        builder.HasKey(owner => owner.Name).HasName("owners_pkey");

        builder.Property(owner => owner.Name).HasColumnName("owner").UseCollation(EntryModel.ByBytes);
        builder.Property(owner => owner.Keys).HasColumnName("keys").HasDefaultValue(0L);
        builder.Property(owner => owner.Bytes).HasColumnName("bytes").HasDefaultValue(0L);
        builder.Property(owner => owner.LastRevision).HasColumnName("last_revision").HasDefaultValue(0L);
        builder.Property(owner => owner.CompactedRevision).HasColumnName("compacted_revision").HasDefaultValue(0L);
        builder.Property(owner => owner.CompactedAt).HasColumnName("compacted_at");
    }
}
