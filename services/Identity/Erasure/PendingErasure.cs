namespace KvAspire.Identity.Erasure;

/// <summary>
/// A user or a client that was deleted and is not erased yet (table <c>erasures</c>). The last step deletes the row.
/// </summary>
internal sealed class PendingErasure
{
    /// <summary>The id of the user or the client, which owns the entries.</summary>
    public required string UserId { get; set; }

    /// <summary>The time of the request. From then on the user or the client cannot sign in.</summary>
    public DateTimeOffset RequestedAt { get; set; }

    /// <summary>The time of the next step.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>The number of failed attempts.</summary>
    public int Failures { get; set; }
}

internal sealed class PendingErasureMapping : IEntityTypeConfiguration<PendingErasure>
{
    public void Configure(EntityTypeBuilder<PendingErasure> builder)
    {
        builder.ToTable("erasures");
        builder.HasKey(erasure => erasure.UserId).HasName("pk_erasures");
        builder.HasIndex(erasure => erasure.DueAt).HasDatabaseName("ix_erasures_due_at");
    }
}
