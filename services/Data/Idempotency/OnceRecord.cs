using KvAspire.Data.Entries;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Data.Idempotency;

/// <summary>A row of <c>idempotency</c>: how a request with an <c>Idempotency-Key</c> came out, stored with what it changed.</summary>
internal sealed class OnceRecord : IEntityTypeConfiguration<OnceRecord>
{
    /// <summary>Whose request it was.</summary>
    public required string Owner { get; init; }

    /// <summary>The <c>Idempotency-Key</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Which part of the request.</summary>
    public int Part { get; init; }

    /// <summary>SHA-256 of what was asked for.</summary>
    public required byte[] Fingerprint { get; init; }

    /// <summary>The outcome of each operation.</summary>
    public required short[] Outcomes { get; init; }

    /// <summary>Its revision.</summary>
    public required long[] Revisions { get; init; }

    /// <summary>What it made, where that is not what was sent.</summary>
    public required string[] Results { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<OnceRecord> builder)
    {
        builder.ToTable("idempotency");
        builder.HasKey(record => new { record.Owner, record.Key, record.Part }).HasName("idempotency_pkey");
        builder.HasIndex(record => record.CreatedAt).HasDatabaseName("idempotency_age");

        builder.Property(record => record.Owner).HasColumnName("owner").UseCollation(EntryModel.ByBytes);
        builder.Property(record => record.Key).HasColumnName("key").UseCollation(EntryModel.ByBytes);
        builder.Property(record => record.Part).HasColumnName("part");
        builder.Property(record => record.Fingerprint).HasColumnName("fingerprint");
        builder.Property(record => record.Outcomes).HasColumnName("outcomes").HasColumnType("smallint[]");
        builder.Property(record => record.Revisions).HasColumnName("revisions").HasColumnType("bigint[]");
        builder.Property(record => record.Results).HasColumnName("results").HasColumnType("text[]");
        builder.Property(record => record.CreatedAt).HasColumnName("created_at");
    }
}
