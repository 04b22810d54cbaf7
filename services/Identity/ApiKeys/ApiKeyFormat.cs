using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using KvAspire.Identity.SigningKeys;
using Microsoft.Extensions.Options;

namespace KvAspire.Identity.ApiKeys;

/// <summary>
/// API keys: <c>kva_</c>, eight characters that are shown, an underscore, 256 random bits, and a tag that only Identity can
/// make. Whatever was never issued is refused by its tag, without a look into the database.
/// </summary>
internal sealed class ApiKeyFormat(IOptions<SigningKeyOptions> options)
{
    /// <summary>How each begins: what gateways and secret scanners know it by.</summary>
    public const string Start = "kva_";

    private const int ShownLength = 8, SecretBytes = 32, SecretLength = 43, TagBytes = 8, TagLength = 11;
    private const int PrefixLength = 4 + ShownLength, Untagged = PrefixLength + 1 + SecretLength, Length = Untagged + TagLength;

    private const string ShownAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    private readonly byte[] tagKey = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(options.Value.EncryptionKey), SHA256.HashSizeInBytes, info: "kvaspire api keys"u8.ToArray());

    /// <summary>A new one.</summary>
    /// <returns>The key, and how it begins.</returns>
    public (string Key, string Prefix) New()
    {
        var prefix = Start + RandomNumberGenerator.GetString(ShownAlphabet, ShownLength);
        var untagged = $"{prefix}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}";
        return (untagged + Tag(untagged), prefix);
    }

    /// <summary>Whether it was issued here, some time.</summary>
    public bool IsGenuine([NotNullWhen(true)] string? key) =>
        key is { Length: Length } && key.StartsWith(Start, StringComparison.Ordinal) && Ascii.IsValid(key)
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Tag(key[..Untagged])), Encoding.ASCII.GetBytes(key[Untagged..]));

    /// <summary>What is stored of it.</summary>
    public static byte[] Hash(string key) => SHA256.HashData(Encoding.ASCII.GetBytes(key));

    private string Tag(string untagged) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(tagKey, Encoding.ASCII.GetBytes(untagged)).AsSpan(0, TagBytes));
}
