namespace KvAspire.Identity.Passwords;

/// <summary>How passwords are hashed. Section <c>Passwords</c>.</summary>
internal sealed class HashingOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Passwords";

    /// <summary>
    /// Iterations of PBKDF2 with HMAC-SHA512: OWASP's figure. A password that was hashed with another number is hashed
    /// anew when its user signs in.
    /// </summary>
    public int Iterations { get; set; } = 210_000;

    /// <summary>How many hashes run at once; 0 means half of the processors, at least one.</summary>
    public int Concurrency { get; set; }

    /// <summary>How many may wait for their turn; whoever comes after is asked to come again later.</summary>
    public int MaxWaiting { get; set; } = 256;

    /// <summary>How many of those may come from one client address.</summary>
    public int MaxWaitingPerAddress { get; set; } = 96;

    /// <summary>The number that <see cref="Concurrency"/> means.</summary>
    public int Workers => Concurrency > 0 ? Concurrency : Math.Max(1, Environment.ProcessorCount / 2);
}
