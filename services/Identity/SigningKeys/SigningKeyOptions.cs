namespace KvAspire.Identity.SigningKeys;

/// <summary>The options of the signing keys. Section <c>SigningKeys</c>.</summary>
internal sealed class SigningKeyOptions
{
    public const string Section = "SigningKeys";

    /// <summary>The fewest characters of the secret: 256 bits in base64.</summary>
    public const int MinLength = 43;

    /// <summary>The secret that encrypts private keys and other secrets at rest. All replicas share it.</summary>
    public string EncryptionKey { get; set; } = "";

    /// <summary>Further secrets that decrypt: older ones, newest first, or one that replicas learn before it encrypts.</summary>
    public IReadOnlyList<string> DecryptionKeys { get; set; } = [];

    /// <summary>The time for which a key signs.</summary>
    public TimeSpan RotateEvery { get; set; } = TimeSpan.FromDays(90);

    /// <summary>The time for which a key is published before it signs, on schedule.</summary>
    public TimeSpan Announce { get; set; } = TimeSpan.FromDays(14);

    /// <summary>
    /// The same for a rotation on request. Longer than the key set may be cached (<see cref="Discovery.DiscoveryEndpoints"/>),
    /// and than the services take to notice a new key, which is a second.
    /// </summary>
    public TimeSpan AnnounceNow { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>All secrets that decrypt. The first one encrypts.</summary>
    public IReadOnlyList<string> AllKeys => [EncryptionKey, .. DecryptionKeys];

    /// <summary>Whether the options leave no gap in which a valid token could be refused.</summary>
    public bool AreSound =>
        AnnounceNow >= TimeSpan.FromSeconds(5) && Announce >= AnnounceNow && RotateEvery > Announce && RotateEvery <= TimeSpan.FromDays(3650);
}
