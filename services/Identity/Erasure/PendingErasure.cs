using System.Diagnostics;

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

    /// <summary>The request that asked for it, as a <c>traceparent</c> of W3C Trace Context.</summary>
    public string? TraceParent { get; set; }

    /// <summary>The span of that request; nothing if it was not recorded.</summary>
    public ActivityContext Cause =>
        ActivityContext.TryParse(TraceParent, traceState: null, isRemote: true, out var cause) && cause.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
            ? cause
            : default;
}

internal sealed class PendingErasureMapping : IEntityTypeConfiguration<PendingErasure>
{
    public void Configure(EntityTypeBuilder<PendingErasure> builder)
    {
        builder.ToTable("erasures");
        builder.Ignore(erasure => erasure.Cause);
        builder.HasKey(erasure => erasure.UserId).HasName("pk_erasures");
        builder.HasIndex(erasure => erasure.DueAt).HasDatabaseName("ix_erasures_due_at");
    }
}
