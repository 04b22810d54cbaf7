using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace KvAspire.Identity.SigningKeys;

/// <summary>
/// Seals private keys with AES-256-GCM: nonce, tag, ciphertext. The key comes from the configured secret by HKDF-SHA256
/// (RFC 5869); the <c>kid</c> is the associated data, so that one row's private key cannot be passed off as another's.
/// </summary>
internal sealed class KeyEncryption(IOptions<SigningKeyOptions> options)
{
    private const int KeyBytes = 32;

    private static readonly int NonceBytes = AesGcm.NonceByteSizes.MaxSize, TagBytes = AesGcm.TagByteSizes.MaxSize;

    private readonly byte[] key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(options.Value.EncryptionKey), KeyBytes, info: "kvaspire signing keys"u8.ToArray());

    /// <summary>The encrypted form of <paramref name="secret"/>.</summary>
    public byte[] Seal(string keyId, ReadOnlySpan<byte> secret)
    {
        var box = new byte[NonceBytes + TagBytes + secret.Length];
        var nonce = box.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);

        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(nonce, secret, box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), Encoding.UTF8.GetBytes(keyId));
        return box;
    }

    /// <summary>What was sealed.</summary>
    /// <exception cref="SigningKeyException">It was sealed with another secret, or is not what was sealed.</exception>
    public byte[] Open(string keyId, ReadOnlySpan<byte> box)
    {
        try
        {
            var secret = new byte[box.Length - NonceBytes - TagBytes];
            using var aes = new AesGcm(key, TagBytes);
            var (tag, ciphertext) = (NonceBytes, NonceBytes + TagBytes);
            aes.Decrypt(box[..tag], box[ciphertext..], box[tag..ciphertext], secret, Encoding.UTF8.GetBytes(keyId));
            return secret;
        }
        catch (Exception exception) when (exception is CryptographicException or OverflowException)
        {
            throw new SigningKeyException(
                $"SigningKeys:EncryptionKey does not decrypt the signing key '{keyId}' in identitydb. Set it to the secret that the key was stored with.",
                exception);
        }
    }
}
