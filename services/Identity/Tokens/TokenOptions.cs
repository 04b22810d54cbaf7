namespace KvAspire.Identity.Tokens;

/// <summary>The options of issued tokens. Section <c>Tokens</c>, as <see cref="AccessTokenOptions"/>.</summary>
internal sealed class TokenOptions
{
    /// <summary>The lifetime of access tokens.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);
}
