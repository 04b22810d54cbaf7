using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.TokenChecking;

/// <summary>The keys that check access tokens. Immutable: a new set replaces the old one.</summary>
public sealed class TokenKeySet
{
    private readonly FrozenDictionary<string, SecurityKey> keys;

    /// <summary>Creates a set of the keys that have an id.</summary>
    public TokenKeySet(IEnumerable<SecurityKey> keys)
    {
        this.keys = keys.Where(key => !string.IsNullOrEmpty(key.KeyId)).DistinctBy(key => key.KeyId).ToFrozenDictionary(key => key.KeyId);
        Version = Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', this.keys.Keys.Order(StringComparer.Ordinal)))));
    }

    /// <summary>A hash of the ids, the same in every process.</summary>
    public string Version { get; }

    /// <summary>The key with this id (<c>kid</c>), or null.</summary>
    public SecurityKey? Find(string id) => keys.GetValueOrDefault(id);
}

/// <summary>The source of the keys: Identity over HTTP, or, in Identity itself, its database.</summary>
public interface ITokenKeySource
{
    /// <summary>The known keys; fetches them at the first call.</summary>
    /// <exception cref="TokenKeysUnavailableException">No keys are known, and they could not be fetched.</exception>
    ValueTask<TokenKeySet> GetAsync(CancellationToken cancellationToken);

    /// <summary>Fetches the keys again, at a bounded rate, for a token that names an unknown key.</summary>
    ValueTask<TokenKeySet> RefreshAsync(TokenKeySet stale, CancellationToken cancellationToken);

    /// <summary>The known keys, or null.</summary>
    TokenKeySet? Known { get; }
}

/// <summary>No keys are known, so tokens cannot be checked. The client gets 503, not 401.</summary>
public sealed class TokenKeysUnavailableException(Exception? innerException)
    : Exception("The keys of the identity service cannot be fetched.", innerException);
