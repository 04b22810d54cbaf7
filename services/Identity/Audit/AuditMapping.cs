namespace KvAspire.Identity.Audit;

/// <summary>
/// The table <c>audit_events</c>, with a partition for each month. A trigger of the migration keeps it append-only; only client
/// addresses may be erased, and repetitions be counted.
/// </summary>
internal sealed class AuditMapping : IEntityTypeConfiguration<AuditEvent>
{
    public void Configure(EntityTypeBuilder<AuditEvent> builder)
    {
        builder.ToTable("audit_events", table =>
            table.HasCheckConstraint("ck_audit_events_details", "octet_length(details::text) <= 2048"));
        builder.HasKey(audited => new { audited.Id, audited.At }).HasName("pk_audit_events");
        builder.Property(audited => audited.Id).UseIdentityAlwaysColumn();
        builder.Property(audited => audited.Count).HasDefaultValue(1L);
        builder.Property(audited => audited.Details).HasColumnType("jsonb");

        // One index for each filter of the administration, newest first.
        builder.HasIndex(audited => new { audited.Subject, audited.Id }).HasDatabaseName("ix_audit_events_subject");
        builder.HasIndex(audited => new { audited.Actor, audited.Id }).HasDatabaseName("ix_audit_events_actor");
        builder.HasIndex(audited => new { audited.Kind, audited.Id }).HasDatabaseName("ix_audit_events_kind");
        builder.HasIndex(audited => audited.At).HasDatabaseName("ix_audit_events_at");
    }
}
