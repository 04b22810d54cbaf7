using System.Text.Json;
using KvAspire.Data.Cache;
using KvAspire.Data.Changes.Log;
using KvAspire.Data.Entries;
using KvAspire.Data.Idempotency;
using KvAspire.Data.Owners;
using Microsoft.EntityFrameworkCore;

namespace KvAspire.Data.Database;

/// <summary>
/// The model of <c>datadb</c>, for migrations and for what is off the hot path. <see cref="EntryTable"/> reads entries
/// and <see cref="Writes.WriteTable"/> changes them, through Npgsql directly.
/// </summary>
internal sealed class DataDb(DbContextOptions<DataDb> options) : DbContext(options)
{
    // Owners and keys compare by bytes. The order of a language depends on the server's locale, and is slower.
    private const string ByBytes = "C";

    /// <summary>The entries of all owners, with tombstones.</summary>
    public DbSet<Entry> Entries => Set<Entry>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasSequence<long>("entry_revisions");
        modelBuilder.ApplyConfiguration(new Entry { Owner = "", Key = "" });
        modelBuilder.ApplyConfiguration(new LoggedChange { Owner = "", Key = "" });
        modelBuilder.ApplyConfiguration(new Owner { Name = "" });
        modelBuilder.ApplyConfiguration(new ErasedOwner { OwnerHash = [] });
        modelBuilder.ApplyConfiguration(new IdempotencyRecord { Owner = "", Key = "", Fingerprint = [], Outcomes = [], Revisions = [], Results = [] });
        modelBuilder.ApplyConfiguration(new CacheFault { Replica = default });

        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(type => type.GetProperties()))
        {
            var column = property.Name is nameof(Owner.Name) ? "owner" : JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
            property.SetColumnName(column);
            if (column is "owner" or "key")
                property.SetCollation(ByBytes);
        }
    }
}
