namespace KvAspire.Identity.Sessions;

/// <summary>The options of sessions. Section <c>Sessions</c>.</summary>
internal sealed class SessionOptions
{
    public const string Section = "Sessions";

    /// <summary>The time without a refresh after which a session ends.</summary>
    public TimeSpan IdleLifetime { get; set; } = TimeSpan.FromDays(14);

    /// <summary>The time after which a session ends in any case.</summary>
    public TimeSpan AbsoluteLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>
    /// The time after its first use in which a refresh token may be presented again, by a client that got no answer.
    /// </summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The time after a sign-in in which changes that outlive a stolen token need no password. 0 means that they always need it.
    /// </summary>
    public TimeSpan RecentSignIn { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The most sessions of a user; a further one ends the oldest.</summary>
    public int MaxPerUser { get; set; } = 100;

    /// <summary>
    /// The number of used refresh tokens that a session keeps to detect their reuse: more than hourly refreshes use in 90 days.
    /// Older tokens are deleted, and are then unknown.
    /// </summary>
    public int MaxUsedTokens { get; set; } = 2500;
}
