using System.ComponentModel.DataAnnotations;

namespace KvAspire.Data.Changes.Watch;

/// <summary>The limits of watches. Section <c>Watch</c>.</summary>
internal sealed class WatchOptions
{
    public const string Section = "Watch";

    /// <summary>How many watches a replica keeps open for one owner.</summary>
    [Range(1, 10_000)]
    public int MaxPerOwner { get; set; } = 32;

    /// <summary>How many watches a replica keeps open in total. Each may take 128 KiB while its client is slow.</summary>
    [Range(1, 1_000_000)]
    public int MaxOpen { get; set; } = 2_000;

    /// <summary>The longest time without a block. It must be shorter than the idle timeouts of proxies.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a client may accept no data before the stream ends.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Stall { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the last revisions of watched owners are polled, in case a notification was lost.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(1);
}
