using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.SigningKeys;

/// <summary>A JSON Web Key (RFC 7517) for checking signatures. It has no room for a private member.</summary>
/// <param name="Kty">The key type.</param>
/// <param name="Use">What it is for: signatures.</param>
/// <param name="Kid">Its id: the header <c>kid</c> of tokens names it.</param>
/// <param name="Alg">The only algorithm that it may be used with.</param>
/// <param name="N">The modulus (RFC 7518, section 6.3.1).</param>
/// <param name="E">The exponent.</param>
public sealed record PublicKey(string Kty, string Use, string Kid, string Alg, string N, string E)
{
    internal static PublicKey From(SigningKey stored)
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(stored.PublicKey, out _);
        var parameters = rsa.ExportParameters(includePrivateParameters: false);

        return new(
            JsonWebAlgorithmsKeyTypes.RSA, JsonWebKeyUseNames.Sig, stored.Id, SecurityAlgorithms.RsaSha256,
            Base64UrlEncoder.Encode(parameters.Modulus), Base64UrlEncoder.Encode(parameters.Exponent));
    }
}

/// <summary>A JWK set (RFC 7517, section 5).</summary>
/// <param name="Keys">The keys that tokens in circulation, or soon to come, are signed with.</param>
public sealed record PublicKeySet(IReadOnlyList<PublicKey> Keys);
