using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Data.Entries;

/// <summary>A row of <c>entries</c>: what one owner stored under one key.</summary>
internal sealed class Entry : IEntityTypeConfiguration<Entry>
{
    /// <summary>The <c>sub</c> of the token. First in the primary key, so that the table can be partitioned by owner.</summary>
    public required string Owner { get; init; }

    public required string Key { get; init; }

    /// <summary>The JSON text as it was sent. Null in a tombstone, which keeps the revision of a deleted key.</summary>
    public string? Value { get; init; }

    /// <summary>The JSON text of the metadata as it was sent; null if there is none.</summary>
    public string? Metadata { get; init; }

    /// <summary>Bytes of key, value and metadata, as the quota counts them; 0 in a tombstone.</summary>
    public int Size { get; init; }

    /// <summary>Grows with every change of the key, even when the key is deleted and created again.</summary>
    public long Revision { get; init; }

    /// <summary>When the key was last created.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the entry expires; null if it does not.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When the key was deleted; null except in a tombstone.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    public void Configure(EntityTypeBuilder<Entry> builder)
    {
        builder.ToTable("entries");
        builder.HasKey(entry => new { entry.Owner, entry.Key }).HasName("entries_pkey");
        builder.Property(entry => entry.Size).HasDefaultValue(0);

        // Finds tombstones to sweep. It contains no live entries.
        builder.HasIndex(entry => entry.DeletedAt).HasDatabaseName("entries_tombstones").HasFilter("deleted_at IS NOT NULL");

        // Find expired entries: all, for the sweeper, and those of one owner, when the quota is short.
        const string Expiring = "expires_at IS NOT NULL AND deleted_at IS NULL";
        builder.HasIndex(entry => entry.ExpiresAt).HasDatabaseName("entries_expiring").HasFilter(Expiring);
        builder.HasIndex(entry => new { entry.Owner, entry.ExpiresAt }).HasDatabaseName("entries_expiring_of_owner").HasFilter(Expiring);
    }
}
