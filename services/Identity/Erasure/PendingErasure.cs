using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Identity.Erasure;

/// <summary>An account whose deletion was promised and is not finished yet. The row goes when nothing else is left.</summary>
internal sealed class PendingErasure
{
    /// <summary>Whose account it is.</summary>
    public required string UserId { get; set; }

    /// <summary>When it was promised. From then on the user cannot sign in.</summary>
    public DateTimeOffset RequestedAt { get; set; }

    /// <summary>When there is something to do for it.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>How often it failed.</summary>
    public int Failures { get; set; }
}

/// <summary>The table <c>erasures</c>.</summary>
internal sealed class PendingErasureMapping : IEntityTypeConfiguration<PendingErasure>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<PendingErasure> builder)
    {
        builder.ToTable("erasures");
        builder.HasKey(erasure => erasure.UserId).HasName("pk_erasures");
        builder.HasIndex(erasure => erasure.DueAt).HasDatabaseName("ix_erasures_due_at");
    }
}
