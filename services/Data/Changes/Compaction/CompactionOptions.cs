using System.ComponentModel.DataAnnotations;

namespace KvAspire.Data.Changes.Compaction;

/// <summary>How much history is kept. Section <c>History</c>.</summary>
internal sealed class CompactionOptions
{
    public const string Section = "History";

    /// <summary>How long a change is kept.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "36500.00:00:00")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How many changes of an owner are kept.</summary>
    [Range(1, 100_000_000)]
    public int MaxChanges { get; set; } = 100_000;

    /// <summary>How often the compaction runs.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);
}
