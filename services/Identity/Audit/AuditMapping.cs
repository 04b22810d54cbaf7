using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Identity.Audit;

/// <summary>
/// The table <c>audit_events</c>. A trigger, made by the migration, keeps it append-only; the one change it allows is that
/// a client address is erased.
/// </summary>
internal sealed class AuditMapping : IEntityTypeConfiguration<AuditEvent>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<AuditEvent> builder)
    {
        builder.ToTable("audit_events", table =>
            table.HasCheckConstraint("ck_audit_events_details", "octet_length(details::text) <= 2048"));
        builder.HasKey(audited => audited.Id).HasName("pk_audit_events");
        builder.Property(audited => audited.Id).UseIdentityAlwaysColumn();
        builder.Property(audited => audited.Details).HasColumnType("jsonb");

        // Each filter of the administration's list, newest first.
        builder.HasIndex(audited => new { audited.Subject, audited.Id }).HasDatabaseName("ix_audit_events_subject");
        builder.HasIndex(audited => new { audited.Actor, audited.Id }).HasDatabaseName("ix_audit_events_actor");
        builder.HasIndex(audited => new { audited.Kind, audited.Id }).HasDatabaseName("ix_audit_events_kind");
        builder.HasIndex(audited => audited.At).HasDatabaseName("ix_audit_events_at");
    }
}
