using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.SigningKeys;

/// <summary>A key in use.</summary>
internal sealed record LoadedKey(SigningCredentials Credentials, PublicKey Public, KeyStamp Stamp)
{
    /// <summary>From when it signs.</summary>
    public DateTimeOffset SignsFrom => Stamp.SignsFrom;

    /// <summary>Decrypts a stored key.</summary>
    public static LoadedKey From(SigningKey stored, KeyEncryption encryption)
    {
        var privateKey = encryption.Open(stored.Id, stored.SealedPrivateKey);
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(privateKey, out _);

            // From parameters, not from the RSA object: the signer then makes one of its own for each thread.
            var key = new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: true)) { KeyId = stored.Id };
            return new(new(key, SecurityAlgorithms.RsaSha256), SigningKeys.PublicKey.From(stored), KeyStamp.Of(stored));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKey);
        }
    }
}

/// <summary>What can change of a stored key, and which one it is.</summary>
internal sealed record KeyStamp(string Id, DateTimeOffset SignsFrom, DateTimeOffset? PublishedUntil)
{
    public static KeyStamp Of(SigningKey stored) => new(stored.Id, stored.SignsFrom, stored.PublishedUntil);
}
