namespace KvAspire.Identity.Tokens;

/// <summary>The options of issued tokens. Section <c>Tokens</c>, as <see cref="AccessTokenOptions"/>.</summary>
internal sealed class TokenOptions
{
    /// <summary>The lifetime of access tokens.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The lifetime of access tokens that grant <c>kv:admin</c>, if it is shorter than <see cref="Lifetime"/>.</summary>
    public TimeSpan AdminLifetime { get; set; } = TimeSpan.FromMinutes(10);
}
