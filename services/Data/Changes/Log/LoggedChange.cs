using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Data.Changes.Log;

/// <summary>A row of <c>changes</c>: one committed change of one entry.</summary>
internal sealed class LoggedChange : IEntityTypeConfiguration<LoggedChange>
{
    public required string Owner { get; init; }
    public long Revision { get; init; }
    public required string Key { get; init; }
    public ChangeKind Kind { get; init; }

    /// <summary>The JSON text as it was sent; null in a deletion.</summary>
    public string? Value { get; init; }

    public string? Metadata { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The user, client or API key that made the change.</summary>
    public string? Actor { get; init; }

    /// <summary>The W3C trace id of the request that made it.</summary>
    public string? TraceId { get; init; }

    public DateTimeOffset At { get; init; }

    public void Configure(EntityTypeBuilder<LoggedChange> builder)
    {
        builder.ToTable("changes");
        builder.HasKey(change => new { change.Owner, change.Revision }).HasName("changes_pkey");
        // The model does not contain the index changes_of_entry, because it is on an expression: KeyHistory.Before.sql.
    }
}
