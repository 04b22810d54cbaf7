using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.SigningKeys;

/// <summary>A JSON Web Key (RFC 7517) that checks signatures. It has no private members.</summary>
/// <param name="Kty">The key type.</param>
/// <param name="Use">The use: signatures.</param>
/// <param name="Kid">The id, which tokens name in the header <c>kid</c>.</param>
/// <param name="Alg">The algorithm.</param>
/// <param name="N">The modulus (RFC 7518, section 6.3.1).</param>
/// <param name="E">The exponent (RFC 7518, section 6.3.1).</param>
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
/// <param name="Keys">The keys of all tokens that are valid now or soon.</param>
public sealed record PublicKeySet(IReadOnlyList<PublicKey> Keys);
