namespace KvAspire.Identity.Sessions;

/// <summary>How long users stay signed in. Section <c>Sessions</c>.</summary>
internal sealed class SessionOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Sessions";

    /// <summary>A session ends when it is not refreshed for so long.</summary>
    public TimeSpan IdleLifetime { get; set; } = TimeSpan.FromDays(14);

    /// <summary>A session ends after so long in any case.</summary>
    public TimeSpan AbsoluteLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>For so long after its first use a refresh token may be presented again, by a client that got no answer.</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many sessions a user may have; beyond it the oldest ends.</summary>
    public int MaxPerUser { get; set; } = 100;

    /// <summary>
    /// How many used refresh tokens of a session are kept, to notice that one of them is used again: more than a session has
    /// that is refreshed once an hour for 90 days. Older ones are deleted, and are then unknown like any other text.
    /// </summary>
    public int MaxUsedTokens { get; set; } = 2500;
}
