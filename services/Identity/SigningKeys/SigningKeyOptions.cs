namespace KvAspire.Identity.SigningKeys;

/// <summary>How signing keys are kept. Section <c>SigningKeys</c>.</summary>
internal sealed class SigningKeyOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "SigningKeys";

    /// <summary>The fewest characters of the secret: 256 bits in base64.</summary>
    public const int MinLength = 43;

    /// <summary>The secret that encrypts private keys at rest. The same for every replica, and for ever.</summary>
    public string EncryptionKey { get; set; } = "";
}
