using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace KvAspire.Identity.ApiKeys;

/// <summary>
/// The format of API keys: <c>kva_</c>, eight visible characters, an underscore, 256 random bits, and a tag that only Identity
/// can make. By the tag, keys that were never issued are refused without a query. The key of the tags is stored: it never changes,
/// because the API keys that were issued with it live on.
/// </summary>
internal sealed class ApiKeyFormat
{
    /// <summary>The beginning by which gateways and secret scanners recognize a key.</summary>
    public const string Start = "kva_";

    private const int ShownLength = 8, SecretBytes = 32, SecretLength = 43, TagBytes = 8, TagLength = 11;
    private const int PrefixLength = 4 + ShownLength, Untagged = PrefixLength + 1 + SecretLength, Length = Untagged + TagLength;
    private const string ShownAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    private byte[]? tagKey;

    /// <summary>
    /// The key of the tags that is stored first: derived from the encryption key, as releases before this one did for the API
    /// keys that they issued.
    /// </summary>
    public static byte[] FirstTagKey(string encryptionKey) => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(encryptionKey), SHA256.HashSizeInBytes,
        info: "kvaspire api keys"u8.ToArray());

    /// <summary>Uses the stored key of the tags.</summary>
    public void Use(byte[] stored) => tagKey = stored;

    /// <summary>Makes a key.</summary>
    /// <returns>The key and its visible prefix.</returns>
    public (string Key, string Prefix) New()
    {
        var prefix = Start + RandomNumberGenerator.GetString(ShownAlphabet, ShownLength);
        var untagged = $"{prefix}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}";
        return (untagged + Tag(untagged), prefix);
    }

    /// <summary>Whether Identity issued this key at some time.</summary>
    public bool IsGenuine([NotNullWhen(true)] string? key) =>
        key is { Length: Length } && key.StartsWith(Start, StringComparison.Ordinal) && Ascii.IsValid(key)
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Tag(key[..Untagged])), Encoding.ASCII.GetBytes(key[Untagged..]));

    public static byte[] Hash(string key) => SHA256.HashData(Encoding.ASCII.GetBytes(key));

    private string Tag(string untagged)
    {
        var key = tagKey ?? throw new InvalidOperationException("The key of the tags is not loaded.");
        return Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(untagged)).AsSpan(0, TagBytes));
    }
}
