using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace KvAspire.ServiceDefaults.Tokens;

/// <summary>
/// The tokens that this process has checked already. Each use looks again at what can change: the clock, the revocations,
/// the published keys. Failures are not kept: whoever sends garbage must not push valid tokens out.
/// </summary>
public sealed class CheckedTokens(
    TokenValidator validator, ITokenKeySource keys, RevocationList revocations, IOptions<AccessTokenOptions> options, TimeProvider clock)
{
    private readonly TokenCache<Entry> known = new(options.Value.CachedTokens);

    /// <summary>How many are kept.</summary>
    public int Count => known.Count;

    /// <summary>The outcome for a token that was checked before and is still valid; null where it must be checked.</summary>
    internal Task<AuthenticateResult>? Find(ReadOnlySpan<char> token) =>
        token.Length <= TokenValidator.MaxTokenLength ? Good(known.Find(token))?.Outcome : null;

    /// <summary>What such a token says; null likewise.</summary>
    public AccessTokenIdentity? FindIdentity(ReadOnlySpan<char> token) =>
        token.Length <= TokenValidator.MaxTokenLength ? Good(known.Find(token))?.Token.Identity : null;

    /// <summary>Likewise, of a token in UTF-8.</summary>
    public AccessTokenIdentity? FindIdentity(ReadOnlySpan<byte> token) =>
        token.Length <= TokenValidator.MaxTokenLength ? Good(known.Find(token))?.Token.Identity : null;

    /// <summary>Whether a token that was checked before is not valid any more.</summary>
    public bool HasEnded(string token) => known.Find(token) is { } entry && !IsInForce(entry);

    /// <summary>Checks a token in full, and keeps it if it is valid.</summary>
    /// <exception cref="TokenKeysUnavailableException">There are no keys to check it with.</exception>
    public async Task<AccessTokenIdentity?> CheckAsync(string token, CancellationToken cancellationToken)
    {
        if (await validator.ValidateAsync(token, cancellationToken) is not { } valid)
            return null;

        var entry = new Entry(valid);
        if (!IsInForce(entry))
            return null;

        known.Keep(token, entry);
        return valid.Identity;
    }

    private Entry? Good(Entry? entry) => entry is not null && entry.Token.Keys == keys.Known && IsInForce(entry) ? entry : null;

    private bool IsInForce(Entry entry)
    {
        var token = entry.Token.Identity;
        if (token.ExpiresAt <= clock.GetUtcNow().ToUnixTimeSeconds() - TokenValidator.ClockSkew)
            return false;

        var version = revocations.Version;
        if (entry.ClearedAt == version)
            return true;
        if (revocations.Covers(token.TokenId, token.SessionId, token.Subject, token.IssuedAt))
            return false;

        entry.ClearedAt = version;
        return true;
    }

    private sealed class Entry(CheckedToken token)
    {
        private long clearedAt = -1;

        public CheckedToken Token => token;

        // The list's version at which the token was last found not to be revoked.
        public long ClearedAt
        {
            get => Volatile.Read(ref clearedAt);
            set => Volatile.Write(ref clearedAt, value);
        }

        public Task<AuthenticateResult> Outcome { get; } = Task.FromResult(
            AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(token.Identity), AccessTokens.Scheme)));
    }
}
