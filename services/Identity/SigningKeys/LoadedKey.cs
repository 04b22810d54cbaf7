using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.SigningKeys;

/// <summary>A key in use.</summary>
internal sealed record LoadedKey(SigningCredentials Credentials, PublicKey Public, DateTimeOffset SignsFrom, DateTimeOffset? PublishedUntil)
{
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
            return new(new(key, SecurityAlgorithms.RsaSha256), SigningKeys.PublicKey.From(stored), stored.SignsFrom, stored.PublishedUntil);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKey);
        }
    }
}
