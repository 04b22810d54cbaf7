using System.Text.Json;
using KvAspire.Identity.Audit;
using KvAspire.Identity.SigningKeys;
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

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfiguration(new UserMapping());
        modelBuilder.ApplyConfiguration(new SigningKeyMapping());
        modelBuilder.ApplyConfiguration(new AuditMapping());

        // Unquoted in SQL: whoever looks at the tables by hand is spared the quotation marks.
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
    }
}
