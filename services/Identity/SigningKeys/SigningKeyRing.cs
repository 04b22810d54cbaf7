using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.SigningKeys;

/// <summary>
/// The keys in use, in memory, replaced as a whole when the stored keys change. Identity checks the tokens that it receives with
/// them; the other services use the published keys.
/// </summary>
internal sealed class SigningKeyRing(TimeProvider clock) : ITokenKeySource
{
    private volatile IReadOnlyList<LoadedKey> keys = [];
    private volatile TokenKeySet checkedWith = new([]);

    public bool IsReady => Signer is not null;

    /// <summary>The key that signs now.</summary>
    public SigningCredentials Credentials =>
        Signer?.Credentials ?? throw new InvalidOperationException("No signing key is in force.");

    /// <summary>The keys that check tokens: former, current and next signers.</summary>
    public PublicKeySet Published => new([.. keys.Select(key => key.Public)]);

    /// <summary>The version of the published set.</summary>
    public string Version => checkedWith.Version;

    public TokenKeySet Known => checkedWith;

    /// <summary>The time from which the latest key signs.</summary>
    public DateTimeOffset Latest => keys is [.., { } latest] ? latest.SignsFrom : DateTimeOffset.MaxValue;

    /// <summary>The time from which the key that signs now has been signing; null if there is none.</summary>
    public DateTimeOffset? SignsSince => Signer?.SignsFrom;

    public IReadOnlyList<KeyStamp> Stamps => [.. keys.Select(key => key.Stamp)];

    private LoadedKey? Signer => keys.Where(key => key.SignsFrom <= clock.GetUtcNow()).MaxBy(key => key.SignsFrom);

    /// <summary>Replaces the keys, if they differ.</summary>
    /// <returns>Whether they differ.</returns>
    public bool Replace(IReadOnlyList<LoadedKey> loaded)
    {
        if (IsOf(loaded.Select(key => key.Stamp)))
            return false;

        keys = loaded;
        var set = new TokenKeySet(loaded.Select(key => key.Credentials.Key));
        if (set.Version != checkedWith.Version)
            checkedWith = set;
        return true;
    }

    /// <summary>Whether the ring holds these keys.</summary>
    public bool IsOf(IEnumerable<KeyStamp> stamps) => stamps.SequenceEqual(keys.Select(key => key.Stamp));

    public ValueTask<TokenKeySet> GetAsync(CancellationToken cancellationToken) => new(checkedWith);

    public ValueTask<TokenKeySet> RefreshAsync(TokenKeySet stale, CancellationToken cancellationToken) => new(checkedWith);
}
