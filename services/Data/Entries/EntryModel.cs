using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Data.Entries;

/// <summary>The table of <see cref="Entry"/>.</summary>
internal sealed class EntryModel : IEntityTypeConfiguration<Entry>
{
    /// <summary>The sequence that revisions come from.</summary>
    public const string Revisions = "entry_revisions";

    // Keys compare by their bytes: a language's order would depend on the server's locale, and is slower.
    internal const string ByBytes = "C";

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<Entry> builder)
    {
        builder.ToTable("entries");
        builder.HasKey(entry => new { entry.Owner, entry.Key }).HasName("entries_pkey");

        builder.Property(entry => entry.Owner).HasColumnName("owner").UseCollation(ByBytes);
        builder.Property(entry => entry.Key).HasColumnName("key").UseCollation(ByBytes);
        builder.Property(entry => entry.Value).HasColumnName("value");
        builder.Property(entry => entry.Metadata).HasColumnName("metadata");
        builder.Property(entry => entry.Size).HasColumnName("size").HasDefaultValue(0);
        builder.Property(entry => entry.Revision).HasColumnName("revision");
        builder.Property(entry => entry.CreatedAt).HasColumnName("created_at");
        builder.Property(entry => entry.UpdatedAt).HasColumnName("updated_at");
        builder.Property(entry => entry.ExpiresAt).HasColumnName("expires_at");
        builder.Property(entry => entry.DeletedAt).HasColumnName("deleted_at");

        // Finds the tombstones to sweep; no live entry is in it.
        builder.HasIndex(entry => entry.DeletedAt).HasDatabaseName("entries_tombstones").HasFilter("deleted_at IS NOT NULL");

        // Find what has expired: all of it, to sweep, and one owner's, where the quota is short.
        const string Expiring = "expires_at IS NOT NULL AND deleted_at IS NULL";
        builder.HasIndex(entry => entry.ExpiresAt).HasDatabaseName("entries_expiring").HasFilter(Expiring);
        builder.HasIndex(entry => new { entry.Owner, entry.ExpiresAt }).HasDatabaseName("entries_expiring_of_owner").HasFilter(Expiring);
    }
}
