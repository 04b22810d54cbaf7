namespace KvAspire.Identity.SigningKeys;

/// <summary>How signing keys are kept and when they change. Section <c>SigningKeys</c>.</summary>
internal sealed class SigningKeyOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "SigningKeys";

    /// <summary>The fewest characters of the secret: 256 bits in base64.</summary>
    public const int MinLength = 43;

    /// <summary>The secret that encrypts private keys at rest. The same for every replica, and for ever.</summary>
    public string EncryptionKey { get; set; } = "";

    /// <summary>For how long a key signs before its successor does.</summary>
    public TimeSpan RotateEvery { get; set; } = TimeSpan.FromDays(90);

    /// <summary>For how long a key is published before it signs, when it is its turn.</summary>
    public TimeSpan Announce { get; set; } = TimeSpan.FromDays(14);

    /// <summary>
    /// The same when somebody asks to rotate now. Longer than the key set may be cached
    /// (<see cref="Discovery.DiscoveryEndpoints"/>), and than the services take to notice it, which is a second.
    /// </summary>
    public TimeSpan AnnounceNow { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether these settings leave no gap in which a valid token could be refused.</summary>
    public bool AreSound =>
        AnnounceNow >= TimeSpan.FromSeconds(5) && Announce >= AnnounceNow && RotateEvery > Announce && RotateEvery <= TimeSpan.FromDays(3650);
}
