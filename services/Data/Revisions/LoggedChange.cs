using KvAspire.Data.Entries;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Data.Revisions;

/// <summary>A row of <c>changes</c>: one committed change of one entry.</summary>
internal sealed class LoggedChange : IEntityTypeConfiguration<LoggedChange>
{
    /// <summary>Whose entry.</summary>
    public required string Owner { get; init; }

    /// <summary>The revision that the change gave it.</summary>
    public long Revision { get; init; }

    /// <summary>Its key.</summary>
    public required string Key { get; init; }

    /// <summary>What was done.</summary>
    public ChangeKind Kind { get; init; }

    /// <summary>The JSON text as it was sent; null in a deletion.</summary>
    public string? Value { get; init; }

    /// <summary>Likewise, where there is some.</summary>
    public string? Metadata { get; init; }

    /// <summary>When the entry will be gone, where it has a time to live.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Who made the change.</summary>
    public string? Actor { get; init; }

    /// <summary>The W3C trace id of the request that made it.</summary>
    public string? TraceId { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; init; }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<LoggedChange> builder)
    {
        builder.ToTable("changes");
        builder.HasKey(change => new { change.Owner, change.Revision }).HasName("changes_pkey");
        // The model knows nothing of the index by key, since that is one on an expression: KeyHistory.

        builder.Property(change => change.Owner).HasColumnName("owner").UseCollation(EntryModel.ByBytes);
        builder.Property(change => change.Revision).HasColumnName("revision");
        builder.Property(change => change.Key).HasColumnName("key").UseCollation(EntryModel.ByBytes);
        builder.Property(change => change.Kind).HasColumnName("kind");
        builder.Property(change => change.Value).HasColumnName("value");
        builder.Property(change => change.Metadata).HasColumnName("metadata");
        builder.Property(change => change.ExpiresAt).HasColumnName("expires_at");
        builder.Property(change => change.Actor).HasColumnName("actor");
        builder.Property(change => change.TraceId).HasColumnName("trace_id");
        builder.Property(change => change.At).HasColumnName("at");
    }
}
