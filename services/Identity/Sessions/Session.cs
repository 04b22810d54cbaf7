using KvAspire.Identity.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Identity.Sessions;

/// <summary>A signed-in user at one client: a family of refresh tokens. The row goes when the session ends.</summary>
internal sealed class Session
{
    /// <summary>The <c>sid</c> of its access tokens: a version 7 UUID.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string UserId { get; init; }

    /// <summary>The client that the user signed in with.</summary>
    public required string ClientId { get; init; }

    /// <summary>What the user granted, separated by spaces.</summary>
    public required string Scope { get; init; }

    /// <summary>What the client called itself, for the user to know it by.</summary>
    public string? UserAgent { get; init; }

    /// <summary>When the user signed in.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last refreshed.</summary>
    public DateTimeOffset LastUsedAt { get; init; }

    /// <summary>When it ends unless it is refreshed before.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it ends in any case.</summary>
    public DateTimeOffset EndsAt { get; init; }
}

/// <summary>The table <c>sessions</c>.</summary>
internal sealed class SessionMapping : IEntityTypeConfiguration<Session>
{
    /// <inheritdoc/>
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
