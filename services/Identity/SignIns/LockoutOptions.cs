namespace KvAspire.Identity.SignIns;

/// <summary>The options of the lockout after wrong passwords. Section <c>Lockout</c>.</summary>
internal sealed class LockoutOptions
{
    public const string Section = "Lockout";

    /// <summary>Wrong passwords for one account from one address before the first wait.</summary>
    public int FreeAttempts { get; set; } = 5;

    /// <summary>The first wait. Each further wrong password doubles it.</summary>
    public TimeSpan FirstWait { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest wait.</summary>
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Wrong passwords for one account from all addresses together, after which each address has only one free attempt: the
    /// figure of NIST SP 800-63B.
    /// </summary>
    public int SiegeAt { get; set; } = 100;

    /// <summary>
    /// Failed client authentications from one network in a minute at one replica, after which it refuses them without a write to
    /// the database. 0 for any number.
    /// </summary>
    public int RefusedClientsPerMinute { get; set; } = 60;

    /// <summary>The time without a wrong password after which failures are forgotten.</summary>
    public TimeSpan Memory { get; set; } = TimeSpan.FromHours(24);
}
