namespace KvAspire.Identity.SignIns;

/// <summary>When wrong passwords lock. Section <c>Lockout</c>.</summary>
internal sealed class LockoutOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Lockout";

    /// <summary>Wrong passwords for one account from one address before it has to wait.</summary>
    public int FreeAttempts { get; set; } = 5;

    /// <summary>The first wait. Each further wrong password doubles it.</summary>
    public TimeSpan FirstWait { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>No wait is longer.</summary>
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Wrong passwords for one account from all addresses together, after which each address has one free attempt only:
    /// NIST SP 800-63B's figure.
    /// </summary>
    public int SiegeAt { get; set; } = 100;

    /// <summary>After this long without a wrong password all is forgotten.</summary>
    public TimeSpan Memory { get; set; } = TimeSpan.FromHours(24);
}
