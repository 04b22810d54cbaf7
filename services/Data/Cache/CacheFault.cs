using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KvAspire.Data.Cache;

/// <summary>
/// A row of <c>cache_faults</c>: a replica that committed changes of which it could not tell the cache. While there is one
/// nobody serves from the cache.
/// </summary>
internal sealed class CacheFault : IEntityTypeConfiguration<CacheFault>
{
    /// <summary>The replica.</summary>
    public required Guid Replica { get; init; }

    /// <summary>When it last said so.</summary>
    public DateTimeOffset At { get; init; }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<CacheFault> builder)
    {
        builder.ToTable("cache_faults");
        builder.HasKey(fault => fault.Replica).HasName("cache_faults_pkey");
        builder.Property(fault => fault.Replica).HasColumnName("replica");
        builder.Property(fault => fault.At).HasColumnName("at");
    }
}
