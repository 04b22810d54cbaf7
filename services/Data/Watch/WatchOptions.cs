using System.ComponentModel.DataAnnotations;

namespace KvAspire.Data.Watch;

/// <summary>How changes are watched. Section <c>Watch</c>.</summary>
internal sealed class WatchOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Watch";

    /// <summary>How many watches a replica keeps open for one owner.</summary>
    [Range(1, 10_000)]
    public int MaxPerOwner { get; set; } = 32;

    /// <summary>How many watches a replica keeps open in all. Each may hold some 128 KiB while its reader is slow.</summary>
    [Range(1, 1_000_000)]
    public int MaxOpen { get; set; } = 2_000;

    /// <summary>How long nothing is sent at most: less than what is in between takes for a dead connection.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a client may take nothing of what is sent to it before the stream ends.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Stall { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often owners that are watched are looked after, in case a notification was lost.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(1);
}
