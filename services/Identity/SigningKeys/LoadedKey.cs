using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.SigningKeys;

/// <summary>A decrypted key in use.</summary>
internal sealed record LoadedKey(SigningCredentials Credentials, PublicKey Public, KeyStamp Stamp)
{
    public DateTimeOffset SignsFrom => Stamp.SignsFrom;

    public static LoadedKey From(SigningKey stored, KeyEncryption encryption)
    {
        var privateKey = encryption.Open(stored.Id, stored.SealedPrivateKey);
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(privateKey, out _);

            // With parameters instead of an RSA object, the signer creates one object for each thread.
            var key = new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: true)) { KeyId = stored.Id };
            return new(new(key, SecurityAlgorithms.RsaSha256), SigningKeys.PublicKey.From(stored), KeyStamp.Of(stored));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKey);
        }
    }
}

/// <summary>The id of a stored key and its members that can change.</summary>
internal sealed record KeyStamp(string Id, DateTimeOffset SignsFrom, DateTimeOffset? PublishedUntil)
{
    public static KeyStamp Of(SigningKey stored) => new(stored.Id, stored.SignsFrom, stored.PublishedUntil);
}
