using System.ComponentModel.DataAnnotations;

namespace KvAspire.Redis;

/// <summary>Settings of Redis. Section <c>Redis</c>.</summary>
public sealed class RedisOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Redis";

    /// <summary>How long a request waits for Redis before it continues without. Far more than Redis takes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:05")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMilliseconds(100);
}
