using System.ComponentModel.DataAnnotations;

namespace KvAspire.ServiceDefaults.Redis;

/// <summary>How Redis is used. Section <c>Redis</c>.</summary>
public sealed class RedisOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Redis";

    /// <summary>
    /// How long a request waits for Redis before it does without: far beyond what Redis takes, and still short where the
    /// request has to go to Postgres after it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:05")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMilliseconds(100);
}
