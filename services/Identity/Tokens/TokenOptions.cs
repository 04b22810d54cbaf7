using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Identity.Tokens;

/// <summary>How tokens are issued. Section <c>Tokens</c>, as <see cref="AccessTokenOptions"/>.</summary>
internal sealed class TokenOptions
{
    /// <summary>How long an access token is valid.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);
}
