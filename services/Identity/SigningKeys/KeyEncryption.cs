using System.Security.Cryptography;
using System.Text;

namespace KvAspire.Identity.SigningKeys;

/// <summary>
/// Encrypts private keys with AES-256-GCM: nonce, tag, ciphertext. The key is derived from the configured secret by HKDF-SHA256
/// (RFC 5869). The <c>kid</c> is the associated data, so that a row cannot hold the private key of another.
/// </summary>
internal sealed class KeyEncryption(IOptions<SigningKeyOptions> options)
{
    private const int KeyBytes = 32;

    private static readonly int NonceBytes = AesGcm.NonceByteSizes.MaxSize, TagBytes = AesGcm.TagByteSizes.MaxSize;

    private readonly byte[] key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(options.Value.EncryptionKey), KeyBytes, info: "kvaspire signing keys"u8.ToArray());

    public byte[] Seal(string keyId, ReadOnlySpan<byte> secret)
    {
        var box = new byte[NonceBytes + TagBytes + secret.Length];
        var nonce = box.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);

        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(nonce, secret, box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), Encoding.UTF8.GetBytes(keyId));
        return box;
    }

    /// <summary>Decrypts a private key.</summary>
    /// <exception cref="SigningKeyException">The secret is another one, or the ciphertext was changed.</exception>
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
                $"SigningKeys:EncryptionKey does not decrypt the signing key '{keyId}' in identitydb. "
                + "Set it to the secret that the key was stored with.",
                exception);
        }
    }
}
