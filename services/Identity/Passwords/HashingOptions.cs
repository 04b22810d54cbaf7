namespace KvAspire.Identity.Passwords;

/// <summary>The options of password hashing. Section <c>Passwords</c>.</summary>
internal sealed class HashingOptions
{
    public const string Section = "Passwords";

    /// <summary>
    /// Iterations of PBKDF2 with HMAC-SHA512: OWASP's figure. A sign-in renews a hash with another number of iterations.
    /// </summary>
    public int Iterations { get; set; } = 210_000;

    /// <summary>The number of hashes that run at once; 0 means half of the processors, at least one.</summary>
    public int Concurrency { get; set; }

    /// <summary>The number of hashes that may wait for their turn; further requests are refused with 503.</summary>
    public int MaxWaiting { get; set; } = 256;

    /// <summary>The number of waiting hashes from one client address.</summary>
    public int MaxWaitingPerAddress { get; set; } = 96;

    /// <summary>The number of threads that <see cref="Concurrency"/> means.</summary>
    public int Workers => Concurrency > 0 ? Concurrency : Math.Max(1, Environment.ProcessorCount / 2);
}
