using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.ServiceDefaults.Tokens;

/// <summary>The keys that access tokens are checked with. Never changed: a new set takes the place of the old one.</summary>
public sealed class TokenKeySet
{
    private readonly FrozenDictionary<string, SecurityKey> keys;

    /// <summary>A set of keys, each with an id.</summary>
    public TokenKeySet(IEnumerable<SecurityKey> keys)
    {
        this.keys = keys.Where(key => !string.IsNullOrEmpty(key.KeyId)).DistinctBy(key => key.KeyId).ToFrozenDictionary(key => key.KeyId);
        Version = Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', this.keys.Keys.Order(StringComparer.Ordinal)))));
    }

    /// <summary>The same for the same keys, in every process.</summary>
    public string Version { get; }

    /// <summary>The key of that id (<c>kid</c>), or null.</summary>
    public SecurityKey? Find(string id) => keys.GetValueOrDefault(id);
}

/// <summary>
/// Where the keys come from: from Identity over HTTP, or in Identity itself out of its database.
/// </summary>
public interface ITokenKeySource
{
    /// <summary>The keys as they are known; waits for the first.</summary>
    /// <exception cref="TokenKeysUnavailableException">There are none yet, and none can be fetched.</exception>
    ValueTask<TokenKeySet> GetAsync(CancellationToken cancellationToken);

    /// <summary>Newer keys than these if there are any: a token names a key that is not among them. Asks at a bounded rate.</summary>
    ValueTask<TokenKeySet> RefreshAsync(TokenKeySet stale, CancellationToken cancellationToken);

    /// <summary>The keys as they are known now, without waiting.</summary>
    TokenKeySet? Known { get; }
}

/// <summary>Without keys nothing can be said of a token: that is our failure, not the token's.</summary>
public sealed class TokenKeysUnavailableException(Exception? innerException)
    : Exception("The keys of the identity service cannot be fetched.", innerException);
