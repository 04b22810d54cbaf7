using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.TestKit;

/// <summary>
/// Forged tokens that no service may accept (RFC 8725), each one step away from a valid token. Assembled from raw text, so that a
/// token signed with the issuer's key can be wrong too.
/// </summary>
public static class ForgedTokens
{
    private static readonly Dictionary<string, Func<Mint, string>> Makers = new[]
    {
        Algorithms(), Headers(), Signatures(), Claims(), Times(), Shapes(),
    }.SelectMany(makers => makers).ToDictionary(maker => maker.Kind, maker => maker.Make);

    /// <summary>The names of the forgeries.</summary>
    public static IEnumerable<string> All => Makers.Keys;

    /// <summary>Forges one of <see cref="All"/>.</summary>
    public static string Forge(string kind, TestIssuer issuer, string subject) => Makers[kind](new Mint(issuer, subject));

    /// <summary>A valid token, assembled the same way: proves that the one difference of a forgery matters.</summary>
    public static string Valid(TestIssuer issuer, string subject) => new Mint(issuer, subject).Token();

    private static IEnumerable<(string Kind, Func<Mint, string> Make)> Algorithms()
    {
        foreach (var algorithm in new[] { "none", "None", "NONE", "nOnE", "" })
        {
            yield return ($"alg '{algorithm}' without a signature", mint => $"{Part(mint.Header($"\"alg\":\"{algorithm}\""))}.{mint.PayloadPart}.");
            yield return ($"alg '{algorithm}' with our signature", mint => mint.Token(mint.Header($"\"alg\":\"{algorithm}\"")));
        }

        foreach (var algorithm in new[] { "HS256", "HS384", "HS512" })
        {
            yield return ($"{algorithm} with the public key in PEM", mint => mint.Hmac(algorithm, Encoding.ASCII.GetBytes(mint.Rsa.ExportSubjectPublicKeyInfoPem())));
            yield return ($"{algorithm} with the public key in PEM and a new line", mint => mint.Hmac(algorithm, Encoding.ASCII.GetBytes(mint.Rsa.ExportSubjectPublicKeyInfoPem() + "\n")));
            yield return ($"{algorithm} with the public key in DER", mint => mint.Hmac(algorithm, mint.Rsa.ExportSubjectPublicKeyInfo()));
            yield return ($"{algorithm} with the public key in PKCS 1", mint => mint.Hmac(algorithm, mint.Rsa.ExportRSAPublicKey()));
            yield return ($"{algorithm} with the modulus", mint => mint.Hmac(algorithm, mint.Rsa.ExportParameters(false).Modulus!));
            yield return ($"{algorithm} with an empty key", mint => mint.Hmac(algorithm, []));
            yield return ($"{algorithm} with the key id", mint => mint.Hmac(algorithm, Encoding.ASCII.GetBytes(mint.KeyId)));
            yield return ($"{algorithm} in the header of our signature", mint => mint.Token(mint.Header($"\"alg\":\"{algorithm}\"")));
        }

        foreach (var algorithm in new[] { "RS384", "RS512", "PS256", "PS384", "PS512" })
        {
            var hash = algorithm[2..] switch { "256" => HashAlgorithmName.SHA256, "384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
            var padding = algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
            yield return ($"signed by {algorithm}", mint => mint.Signed(mint.Header($"\"alg\":\"{algorithm}\""), mint.Payload, hash, padding));
            yield return ($"signed by {algorithm}, said to be RS256", mint => mint.Signed(mint.Header(), mint.Payload, hash, padding));
        }

        foreach (var algorithm in new[] { "ES256", "ES384", "ES512", "EdDSA", "rs256", "RS256 ", "RSA-OAEP", "A128KW", "dir" })
            yield return ($"alg {algorithm} in the header of our signature", mint => mint.Token(mint.Header($"\"alg\":\"{algorithm}\"")));

        yield return ("alg missing", mint => mint.Token(mint.Header("\"alg\":null", without: true)));
        foreach (var json in new[] { "null", "256", "true", "[\"RS256\"]", "{\"alg\":\"RS256\"}" })
            yield return ($"alg {json}", mint => mint.Token(mint.Header($"\"alg\":{json}")));
    }

    private static IEnumerable<(string Kind, Func<Mint, string> Make)> Headers()
    {
        foreach (var type in new[] { "\"JWT\"", "\"jwt\"", "\"at+JWT\"", "\"AT+JWT\"", "\"application/at+jwt\"", "\"id+jwt\"", "\"\"", "null", "1", "[\"at+jwt\"]" })
            yield return ($"typ {type}", mint => mint.Token(mint.Header($"\"typ\":{type}")));
        yield return ("typ missing", mint => mint.Token(mint.Header("\"typ\":null", without: true)));

        yield return ("kid missing", mint => mint.Token(mint.Header("\"kid\":null", without: true)));
        foreach (var keyId in new[]
        {
            "\"\"", "null", "7", "[]", "{}", "\"unknown\"", "\"../../../../dev/null\"", "\"/dev/null\"", "\"' OR '1'='1\"", "\"x' UNION SELECT 'key\"",
            "\"http://attacker.example/key\"", "\"|sleep 5\"", "\"\\u0000\"", "\"*\"", $"\"{new string('k', 2000)}\"",
        })
            yield return ($"kid {(keyId.Length > 100 ? "of 2000 characters" : keyId)}", mint => mint.Token(mint.Header($"\"kid\":{keyId}")));
        yield return ("kid of ours in capitals", mint => mint.Token(mint.Header($"\"kid\":\"{mint.KeyId.ToUpperInvariant()}A\"")));

        foreach (var extra in new[]
        {
            "\"jku\":\"http://attacker.example/keys\"", "\"x5u\":\"http://attacker.example/cert\"", "\"x5c\":[\"MIIB\"]", "\"x5t\":\"AAAA\"",
            "\"crit\":[\"exp\"]", "\"crit\":[]", "\"b64\":false", "\"b64\":false,\"crit\":[\"b64\"]", "\"zip\":\"DEF\"", "\"cty\":\"JWT\"", "\"enc\":\"A128GCM\"",
            "\"nonce\":\"n\"", "\"alg\":\"RS256\"", "\"alg\":\"none\"", "\"typ\":\"at+jwt\"", "\"kid\":\"another\"",
        })
            yield return ($"a header with {extra} besides", mint => mint.Token(mint.Header()[..^1] + $",{extra}}}"));

        yield return ("another key, named by jwk", mint => mint.SignedBy(Another(), rsa => mint.Header()[..^1] + $",\"jwk\":{Jwk(rsa)}}}"));
        yield return ("another key, named by jwk under our key id", mint => mint.SignedBy(Another(), rsa => mint.Header($"\"kid\":\"{mint.KeyId}\"")[..^1] + $",\"jwk\":{Jwk(rsa)}}}"));
        yield return ("another key, named by jku", mint => mint.SignedBy(Another(), _ => mint.Header()[..^1] + ",\"jku\":\"http://127.0.0.1:9/keys\"}"));

        foreach (var json in new[] { "", "{", "[]", "null", "\"\"", "1", "{}", "{\"alg\":\"RS256\"", "\u0000", "{\"alg\":\"RS256\",}", "{'alg':'RS256'}" })
            yield return ($"a header of {(json == "\u0000" ? "NUL" : $"'{json}'")}", mint => mint.Token(json));
    }

    private static IEnumerable<(string Kind, Func<Mint, string> Make)> Signatures()
    {
        yield return ("signed by another key", mint => mint.SignedBy(Another(), _ => mint.Header("\"kid\":\"another\"")));
        yield return ("signed by another key under our key id", mint => mint.SignedBy(Another(), _ => mint.Header()));
        yield return ("without its signature", mint => mint.Token()[..(mint.Token().LastIndexOf('.') + 1)]);
        yield return ("with a signature of zeros", mint => mint.WithSignature(new byte[256]));
        yield return ("with a signature of one byte", mint => mint.WithSignature([1]));
        yield return ("with a signature of 4 KiB", mint => mint.WithSignature(new byte[4096]));
        yield return ("with half its signature", mint => mint.WithSignature(mint.Signature()[..128]));
        yield return ("with a longer signature", mint => mint.WithSignature([.. mint.Signature(), 0]));
        yield return ("with its signature reversed", mint => mint.WithSignature([.. mint.Signature().Reverse()]));
        foreach (var index in new[] { 0, 100, 255 })
            yield return ($"with byte {index} of its signature changed", mint => mint.WithSignature([.. mint.Signature().Select((b, i) => i == index ? (byte)(b ^ 1) : b)]));
        yield return ("with the signature of another payload", mint =>
            $"{Part(mint.Header())}.{Part(mint.Payload.Replace("\"kv:read kv:write\"", "\"kv:admin\"", StringComparison.Ordinal))}.{mint.Token().Split('.')[2]}");
        yield return ("with the signature of another subject", mint =>
            $"{Part(mint.Header())}.{Part(mint.With("sub", "\"somebody-else\""))}.{mint.Token().Split('.')[2]}");
    }

    private static IEnumerable<(string Kind, Func<Mint, string> Make)> Claims()
    {
        foreach (var name in new[] { "iss", "aud", "sub", "exp", "iat", "jti", "client_id", "scope" })
        {
            yield return ($"without {name}", mint => mint.Token(payload: mint.Without(name)));
            yield return ($"with {name} twice", mint => mint.Token(payload: mint.Payload[..^1] + $",\"{name}\":{mint.Value(name)}}}"));
            foreach (var json in new[] { "null", "true", "[]", "{}", name is "exp" or "iat" ? "\"1\"" : "1" })
                yield return ($"{name} {json}", mint => mint.Token(payload: mint.With(name, json)));
        }

        foreach (var name in new[] { "sub", "jti", "client_id" })
            yield return ($"{name} empty", mint => mint.Token(payload: mint.With(name, "\"\"")));
        foreach (var name in new[] { "sid", "kv_prefix" })
        {
            yield return ($"{name} that is a number", mint => mint.Token(payload: mint.Payload[..^1] + $",\"{name}\":1}}"));
            yield return ($"{name} twice", mint => mint.Token(payload: mint.Payload[..^1] + $",\"{name}\":\"a\",\"{name}\":\"b\"}}"));
        }

        foreach (var issuer in new[] { "https://issuer.example", "", TestIssuer.Issuer + "/", TestIssuer.Issuer + ".attacker.example", TestIssuer.Issuer.ToUpperInvariant() })
            yield return ($"by the issuer '{issuer}'", mint => mint.Token(payload: mint.With("iss", $"\"{issuer}\"")));
        foreach (var audience in new[] { "\"another-api\"", "\"\"", "\"KVASPIRE\"", "\"kvaspire \"", "[\"another-api\"]", "[\"kvaspire\",1]" })
            yield return ($"for the audience {audience}", mint => mint.Token(payload: mint.With("aud", audience)));
    }

    private static IEnumerable<(string Kind, Func<Mint, string> Make)> Times()
    {
        foreach (var minutes in new[] { -1, -10, -60 * 24, -60 * 24 * 365 })
            yield return ($"expired {-minutes} minutes ago", mint => mint.Token(payload: mint.With("exp", Mint.Seconds(minutes))));
        foreach (var json in new[] { "0", "-1", "1e3", "99999999999999999999999999", "-99999999999999999999999999", "2000000000.5", "\"2000000000\"", "NaN" })
            yield return ($"expires at {json}", mint => mint.Token(payload: mint.With("exp", json)));
        foreach (var minutes in new[] { 1, 10, 60 * 24 })
        {
            yield return ($"not valid for {minutes} minutes yet", mint => mint.Token(payload: mint.Payload[..^1] + $",\"nbf\":{Mint.Seconds(minutes)}}}"));
            yield return ($"issued in {minutes} minutes", mint => mint.Token(payload: mint.With("iat", Mint.Seconds(minutes))));
        }

        foreach (var json in new[] { "\"0\"", "null", "[0]", "99999999999999999999999999" })
            yield return ($"not valid before {json}", mint => mint.Token(payload: mint.Payload[..^1] + $",\"nbf\":{json}}}"));
    }

    private static IEnumerable<(string Kind, Func<Mint, string> Make)> Shapes()
    {
        foreach (var text in new[] { "not-a-token", ".", "..", "...", "....", "a.b.c", "a.b", "null", "{}", "Bearer", "e30.e30.e30", "e30.e30.", "=", "=.=.=", "%2e%2e", "undefined" })
            yield return ($"the text '{text}'", _ => text);

        yield return ("of two parts", mint => string.Join('.', mint.Token().Split('.')[..2]));
        yield return ("of four parts", mint => mint.Token() + ".e30");
        yield return ("of five parts", mint => mint.Token() + ".e30.e30");
        yield return ("with a dot before", mint => "." + mint.Token());
        yield return ("with a dot after", mint => mint.Token() + ".");
        yield return ("twice", mint => $"{mint.Token()},{mint.Token()}");
        yield return ("with a space within", mint => mint.Token().Insert(20, " "));
        yield return ("in quotes", mint => $"\"{mint.Token()}\"");
        yield return ("padded", mint => $"{Part(mint.Header())}=.{mint.PayloadPart}.{mint.Token().Split('.')[2]}");
        yield return ("with its parts turned round", mint => string.Join('.', mint.Token().Split('.').Reverse()));
        yield return ("in plain base64", mint => string.Join('.', Convert.ToBase64String(Encoding.UTF8.GetBytes(mint.Header())), mint.PayloadPart + "+/", mint.Token().Split('.')[2]));
        yield return ("oversized", mint => mint.Token(payload: mint.Payload[..^1] + $",\"padding\":\"{new string('x', 12 * 1024)}\"}}"));
        yield return ("without a payload", mint => mint.Token(payload: ""));
        foreach (var json in new[] { "[]", "null", "\"\"", "1", "{}", "{", "{\"sub\":}", "\u0000" })
            yield return ($"a payload of {(json == "\u0000" ? "NUL" : json)}", mint => mint.Token(payload: json));
        yield return ("a payload nested deeply", mint => mint.Token(payload: mint.Payload[..^1] + $",\"deep\":{new string('[', 1000)}{new string(']', 1000)}}}"));
        yield return ("a payload in invalid UTF-8", mint => mint.SignedBytes(Encoding.UTF8.GetBytes(mint.Header()), [.. Encoding.UTF8.GetBytes(mint.Payload[..^1]), .. ",\"a\":\""u8, 0xC3, 0x28, .. "\"}"u8]));
    }

    private static RSA Another() => RSA.Create(2048);

    private static string Jwk(RSA rsa)
    {
        var key = rsa.ExportParameters(includePrivateParameters: false);
        return $"{{\"kty\":\"RSA\",\"n\":\"{Base64UrlEncoder.Encode(key.Modulus)}\",\"e\":\"{Base64UrlEncoder.Encode(key.Exponent)}\"}}";
    }

    private static string Part(string json) => Base64UrlEncoder.Encode(json);

    // Makes the valid token that each forgery changes.
    private sealed class Mint(TestIssuer issuer, string subject)
    {
        private readonly Dictionary<string, string> claims = new()
        {
            ["iss"] = Quote(TestIssuer.Issuer),
            ["aud"] = Quote(TestIssuer.Audience),
            ["sub"] = Quote(subject),
            ["client_id"] = Quote("kvaspire"),
            ["iat"] = Now(0),
            ["exp"] = Now(60),
            ["jti"] = Quote(Guid.NewGuid().ToString("N")),
            ["scope"] = Quote(TestIssuer.UserScope),
        };

        public string KeyId => issuer.SigningKey.KeyId;

        public RSA Rsa => issuer.SigningKey.Rsa;

        public string Payload => Json(claims);

        public string PayloadPart => Part(Payload);

        public string Value(string name) => claims[name];

        public static string Seconds(int minutesFromNow) => Now(minutesFromNow);

        public string With(string name, string json) => Json(claims.Select(claim => claim.Key == name ? new(name, json) : claim));

        public string Without(string name) => Json(claims.Where(claim => claim.Key != name));

        // The header with one member replaced or removed.
        public string Header(string? member = null, bool without = false)
        {
            var name = member?[1..member.IndexOf('"', 1)];
            var members = new Dictionary<string, string> { ["alg"] = "\"alg\":\"RS256\"", ["kid"] = $"\"kid\":{Quote(KeyId)}", ["typ"] = "\"typ\":\"at+jwt\"" };
            if (name is not null && without)
                members.Remove(name);
            else if (name is not null)
                members[name] = member!;
            return $"{{{string.Join(',', members.Values)}}}";
        }

        public string Token(string? header = null, string? payload = null) =>
            Signed(header ?? Header(), payload ?? Payload, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        public string Signed(string header, string payload, HashAlgorithmName hash, RSASignaturePadding padding)
        {
            var signed = $"{Part(header)}.{Part(payload)}";
            return $"{signed}.{Base64UrlEncoder.Encode(Rsa.SignData(Encoding.ASCII.GetBytes(signed), hash, padding))}";
        }

        public string SignedBytes(byte[] header, byte[] payload)
        {
            var signed = $"{Base64UrlEncoder.Encode(header)}.{Base64UrlEncoder.Encode(payload)}";
            return $"{signed}.{Base64UrlEncoder.Encode(Rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
        }

        public string SignedBy(RSA another, Func<RSA, string> header)
        {
            using (another)
            {
                var signed = $"{Part(header(another))}.{PayloadPart}";
                return $"{signed}.{Base64UrlEncoder.Encode(another.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
            }
        }

        public byte[] Signature() => Base64UrlEncoder.DecodeBytes(Token().Split('.')[2]);

        public string WithSignature(byte[] signature) => $"{Part(Header())}.{PayloadPart}.{Base64UrlEncoder.Encode(signature)}";

        public string Hmac(string algorithm, byte[] secret)
        {
            var signed = Encoding.ASCII.GetBytes($"{Part(Header($"\"alg\":\"{algorithm}\""))}.{PayloadPart}");
            var mac = algorithm switch
            {
                "HS256" => HMACSHA256.HashData(secret, signed),
                "HS384" => HMACSHA384.HashData(secret, signed),
                _ => HMACSHA512.HashData(secret, signed),
            };
            return $"{Encoding.ASCII.GetString(signed)}.{Base64UrlEncoder.Encode(mac)}";
        }

        private static string Json(IEnumerable<KeyValuePair<string, string>> members) =>
            $"{{{string.Join(',', members.Select(member => $"\"{member.Key}\":{member.Value}"))}}}";

        private static string Quote(string text) => JsonSerializer.Serialize(text);

        private static string Now(int minutes) =>
            TimeProvider.System.GetUtcNow().AddMinutes(minutes).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
