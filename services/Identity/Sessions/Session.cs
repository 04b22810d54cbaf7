using KvAspire.Identity.Users;

namespace KvAspire.Identity.Sessions;

/// <summary>A sign-in at one client: a family of refresh tokens (table <c>sessions</c>). Its end deletes the row.</summary>
internal sealed class Session
{
    /// <summary>The <c>sid</c> of its access tokens: a version 7 UUID.</summary>
    public required string Id { get; init; }

    public required string UserId { get; init; }

    /// <summary>The client of the sign-in.</summary>
    public required string ClientId { get; init; }

    /// <summary>The scopes that the user granted, separated by spaces.</summary>
    public required string Scope { get; init; }

    /// <summary>The client's <c>User-Agent</c>, by which the user recognizes the session.</summary>
    public string? UserAgent { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time of the sign-in with a password; null in sessions that the release before began.</summary>
    public DateTimeOffset? AuthTime { get; init; }

    /// <summary>The time of the last refresh.</summary>
    public DateTimeOffset LastUsedAt { get; init; }

    /// <summary>The end unless the session is refreshed before.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The end in any case.</summary>
    public DateTimeOffset EndsAt { get; init; }
}

internal sealed class SessionMapping : IEntityTypeConfiguration<Session>
{
    public void Configure(EntityTypeBuilder<Session> builder)
    {
        builder.ToTable("sessions");
        builder.HasKey(session => session.Id).HasName("pk_sessions");
        builder.HasOne<User>().WithMany().HasForeignKey(session => session.UserId)
            .HasConstraintName("fk_sessions_users").OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(session => new { session.UserId, session.Id }).HasDatabaseName("ix_sessions_user_id");
        builder.HasIndex(session => session.ExpiresAt).HasDatabaseName("ix_sessions_expires_at");
    }
}
