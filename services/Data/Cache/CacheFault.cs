using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Data.Cache;

/// <summary>
/// A row of <c>cache_faults</c>: a replica that could not veil a change, or could not tell the cache of a committed one. While
/// there is one, no other replica serves from the cache.
/// </summary>
internal sealed class CacheFault : IEntityTypeConfiguration<CacheFault>
{
    public required Guid Replica { get; init; }

    /// <summary>When the replica last declared it.</summary>
    public DateTimeOffset At { get; init; }

    public void Configure(EntityTypeBuilder<CacheFault> builder)
    {
        builder.ToTable("cache_faults");
        builder.HasKey(fault => fault.Replica).HasName("cache_faults_pkey");
    }
}
