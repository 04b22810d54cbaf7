namespace KvAspire.Gateway.Headers;

/// <summary>How long browsers are told to come over TLS only (HSTS, RFC 6797). Section <c>Hsts</c>.</summary>
internal sealed class StrictTransport
{
    /// <summary>The section's name.</summary>
    public const string Section = "Hsts";

    /// <summary>What is wrong with settings that are not valid.</summary>
    public const string Sentence = "Set Hsts:MaxAge to 00:00:00 to 1826.00:00:00.";

    /// <summary>From each answer over TLS on; zero makes them forget it (section 6.1.1).</summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Whether the settings make sense.</summary>
    public bool IsValid => MaxAge >= TimeSpan.Zero && MaxAge <= TimeSpan.FromDays(1826);
}
