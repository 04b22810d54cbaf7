using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Data.Idempotency;

/// <summary>
/// A row of <c>idempotency</c>: the outcome of a request with an <c>Idempotency-Key</c>, committed with its changes.
/// </summary>
internal sealed class IdempotencyRecord : IEntityTypeConfiguration<IdempotencyRecord>
{
    public required string Owner { get; init; }

    /// <summary>The <c>Idempotency-Key</c>.</summary>
    public required string Key { get; init; }

    /// <summary>The part of the request, from 0.</summary>
    public int Part { get; init; }

    /// <summary>SHA-256 of the request.</summary>
    public required byte[] Fingerprint { get; init; }

    /// <summary>The outcome of each operation.</summary>
    public required short[] Outcomes { get; init; }

    /// <summary>The revision of each operation.</summary>
    public required long[] Revisions { get; init; }

    /// <summary>The new value of each addition.</summary>
    public required string[] Results { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public void Configure(EntityTypeBuilder<IdempotencyRecord> builder)
    {
        builder.ToTable("idempotency");
        builder.HasKey(record => new { record.Owner, record.Key, record.Part }).HasName("idempotency_pkey");
        builder.HasIndex(record => record.CreatedAt).HasDatabaseName("idempotency_age");

        builder.Property(record => record.Outcomes).HasColumnType("smallint[]");
        builder.Property(record => record.Revisions).HasColumnType("bigint[]");
        builder.Property(record => record.Results).HasColumnType("text[]");
    }
}
