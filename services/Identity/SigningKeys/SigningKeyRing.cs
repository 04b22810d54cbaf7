using KvAspire.ServiceDefaults.Tokens;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.SigningKeys;

/// <summary>
/// The keys in use, in memory. Replaced as a whole when the stored ones have changed. Identity checks the tokens that it
/// is shown with these, as the other services do with what it publishes.
/// </summary>
internal sealed class SigningKeyRing(TimeProvider clock) : ITokenKeySource
{
    private volatile IReadOnlyList<LoadedKey> keys = [];
    private volatile TokenKeySet checkedWith = new([]);

    /// <summary>Whether tokens can be signed.</summary>
    public bool IsReady => Signer is not null;

    /// <summary>What tokens are signed with now.</summary>
    public SigningCredentials Credentials =>
        Signer?.Credentials ?? throw new InvalidOperationException("No signing key is in force.");

    /// <summary>What tokens are checked with: the keys that sign now, that signed, and that will sign.</summary>
    public PublicKeySet Published => new([.. keys.Select(key => key.Public)]);

    /// <summary>The version of that set.</summary>
    public string Version => checkedWith.Version;

    /// <inheritdoc/>
    public TokenKeySet Known => checkedWith;

    /// <summary>From when the latest key signs.</summary>
    public DateTimeOffset Latest => keys is [.., { } latest] ? latest.SignsFrom : DateTimeOffset.MaxValue;

    /// <summary>The keys as they are stored, without what is secret.</summary>
    public IReadOnlyList<KeyStamp> Stamps => [.. keys.Select(key => key.Stamp)];

    private LoadedKey? Signer => keys.Where(key => key.SignsFrom <= clock.GetUtcNow()).MaxBy(key => key.SignsFrom);

    /// <summary>Puts these keys in the place of the former ones, if they are others.</summary>
    /// <returns>Whether they are.</returns>
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

    /// <summary>Whether these are the keys that it has.</summary>
    public bool IsOf(IEnumerable<KeyStamp> stamps) => stamps.SequenceEqual(keys.Select(key => key.Stamp));

    /// <inheritdoc/>
    public ValueTask<TokenKeySet> GetAsync(CancellationToken cancellationToken) => new(checkedWith);

    /// <inheritdoc/>
    public ValueTask<TokenKeySet> RefreshAsync(TokenKeySet stale, CancellationToken cancellationToken) => new(checkedWith);
}
