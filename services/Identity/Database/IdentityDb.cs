using System.Text.Json;
using KvAspire.Identity.ApiKeys;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Clients;
using KvAspire.Identity.Erasure;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.SealedSecrets;
using KvAspire.Identity.Sessions;
using KvAspire.Identity.SigningKeys;
using KvAspire.Identity.SignIns;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.Database;

/// <summary>The database <c>identitydb</c>, which no other service reads.</summary>
internal sealed class IdentityDb(DbContextOptions<IdentityDb> options) : DbContext(options)
{
    /// <summary>The name of the database and of its connection string.</summary>
    public const string Name = "identitydb";

    public DbSet<User> Users => Set<User>();
    public DbSet<SigningKey> SigningKeys => Set<SigningKey>();

    /// <summary>Only <see cref="AuditLog"/> adds events.</summary>
    public DbSet<AuditEvent> AuditEvents => Set<AuditEvent>();
    public DbSet<Session> Sessions => Set<Session>();
    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();
    public DbSet<StoredRevocation> Revocations => Set<StoredRevocation>();
    public DbSet<Client> Clients => Set<Client>();
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();
    public DbSet<FailedSignIns> FailedSignIns => Set<FailedSignIns>();
    public DbSet<PendingErasure> Erasures => Set<PendingErasure>();
    public DbSet<SealedSecret> SealedSecrets => Set<SealedSecret>();

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
        modelBuilder.ApplyConfiguration(new SealedSecretMapping());

        // Lower-case names need no quotation marks in SQL.
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
    }
}
