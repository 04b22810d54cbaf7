using KvAspire.Data.Cache;
using KvAspire.Data.Entries;
using KvAspire.Data.Idempotency;
using KvAspire.Data.Owners;
using KvAspire.Data.Revisions;
using Microsoft.EntityFrameworkCore;

namespace KvAspire.Data.Database;

/// <summary>
/// The model of <c>datadb</c>: it makes the migrations and serves what is off the hot path. Single entries are read and
/// written by <see cref="EntryTable"/>, on the same data source.
/// </summary>
internal sealed class DataDb(DbContextOptions<DataDb> options) : DbContext(options)
{
    /// <summary>The entries of all users, tombstones included.</summary>
    public DbSet<Entry> Entries => Set<Entry>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasSequence<long>(EntryModel.Revisions);
        modelBuilder.ApplyConfiguration(new EntryModel());
        modelBuilder.ApplyConfiguration(new LoggedChange { Owner = "", Key = "" });
        modelBuilder.ApplyConfiguration(new Owner { Name = "" });
        modelBuilder.ApplyConfiguration(new ErasedOwner { OwnerHash = [] });
        modelBuilder.ApplyConfiguration(new OnceRecord { Owner = "", Key = "", Fingerprint = [], Outcomes = [], Revisions = [], Results = [] });
        modelBuilder.ApplyConfiguration(new CacheFault { Replica = default });
    }
}
