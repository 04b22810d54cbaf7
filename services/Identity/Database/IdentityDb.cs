using System.Text.Json;
using KvAspire.Identity.ApiKeys;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Clients;
using KvAspire.Identity.Erasure;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.Sessions;
using KvAspire.Identity.SigningKeys;
using KvAspire.Identity.SignIns;
using KvAspire.Identity.Users;
using Microsoft.EntityFrameworkCore;

namespace KvAspire.Identity.Database;

/// <summary>The database <c>identitydb</c>, which no other service reads.</summary>
internal sealed class IdentityDb(DbContextOptions<IdentityDb> options) : DbContext(options)
{
    /// <summary>The name of the database and of its connection string.</summary>
    public const string Name = "identitydb";

    /// <summary>Who may sign in.</summary>
    public DbSet<User> Users => Set<User>();

    /// <summary>What signs the tokens.</summary>
    public DbSet<SigningKey> SigningKeys => Set<SigningKey>();

    /// <summary>What happened. Only <see cref="AuditLog"/> adds to it.</summary>
    public DbSet<AuditEvent> AuditEvents => Set<AuditEvent>();

    /// <summary>Who is signed in.</summary>
    public DbSet<Session> Sessions => Set<Session>();

    /// <summary>How sessions go on.</summary>
    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();

    /// <summary>What has ended before its time.</summary>
    public DbSet<StoredRevocation> Revocations => Set<StoredRevocation>();

    /// <summary>The programs that may ask for tokens.</summary>
    public DbSet<Client> Clients => Set<Client>();

    /// <summary>The keys of users' machines.</summary>
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    /// <summary>Who gave wrong passwords of late.</summary>
    public DbSet<FailedSignIns> FailedSignIns => Set<FailedSignIns>();

    /// <summary>The accounts that are being deleted.</summary>
    public DbSet<PendingErasure> Erasures => Set<PendingErasure>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfiguration(new UserMapping());
        modelBuilder.ApplyConfiguration(new SigningKeyMapping());
        modelBuilder.ApplyConfiguration(new AuditMapping());
        modelBuilder.ApplyConfiguration(new SessionMapping());
        modelBuilder.ApplyConfiguration(new RefreshTokenMapping());
        modelBuilder.ApplyConfiguration(new RevocationMapping());
        modelBuilder.ApplyConfiguration(new ClientMapping());
        modelBuilder.ApplyConfiguration(new ApiKeyMapping());
        modelBuilder.ApplyConfiguration(new FailedSignInsMapping());
        modelBuilder.ApplyConfiguration(new PendingErasureMapping());

        // Unquoted in SQL: whoever looks at the tables by hand is spared the quotation marks.
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
    }
}
