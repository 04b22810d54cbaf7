using System.ComponentModel.DataAnnotations;

namespace KvAspire.Data.Cache;

/// <summary>How the cache is used. Section <c>Cache</c>.</summary>
internal sealed class CacheOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Cache";

    /// <summary>
    /// How long a request waits for Redis before it does without: far beyond what Redis takes, and still short where the
    /// request has to go to Postgres after it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:05")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMilliseconds(100);
}
