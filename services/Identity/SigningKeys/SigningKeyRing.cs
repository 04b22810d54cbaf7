using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.SigningKeys;

/// <summary>The keys in use, in memory. Replaced as a whole when the stored ones have changed.</summary>
internal sealed class SigningKeyRing(TimeProvider clock)
{
    private volatile IReadOnlyList<LoadedKey> keys = [];

    /// <summary>Whether tokens can be signed.</summary>
    public bool IsReady => Signer is not null;

    /// <summary>What tokens are signed with now.</summary>
    public SigningCredentials Credentials =>
        Signer?.Credentials ?? throw new InvalidOperationException("No signing key is in force.");

    /// <summary>What tokens are checked with: the keys that sign now, that signed, and that will sign.</summary>
    public PublicKeySet Published => new([.. keys
        .Where(key => key.PublishedUntil is not { } end || end > clock.GetUtcNow())
        .Select(key => key.Public)]);

    private LoadedKey? Signer => keys.Where(key => key.SignsFrom <= clock.GetUtcNow()).MaxBy(key => key.SignsFrom);

    /// <summary>Puts these keys in the place of the former ones.</summary>
    public void Replace(IReadOnlyList<LoadedKey> loaded) => keys = loaded;
}
