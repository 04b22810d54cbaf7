using System.Security.Cryptography;
using System.Text;

namespace KvAspire.Identity.SigningKeys;

/// <summary>
/// Encrypts what the database keeps secret with AES-256-GCM: nonce, tag, ciphertext. The keys are derived from the configured
/// secrets by HKDF-SHA256 (RFC 5869): the newest encrypts, all decrypt. The name of a secret, such as a <c>kid</c>, is the
/// associated data, so that a row cannot hold the secret of another.
/// </summary>
internal sealed class KeyEncryption(IOptions<SigningKeyOptions> options)
{
    private const int KeyBytes = 32;

    private static readonly int NonceBytes = AesGcm.NonceByteSizes.MaxSize, TagBytes = AesGcm.TagByteSizes.MaxSize;

    private readonly byte[][] keys = [.. options.Value.AllKeys.Select(key => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(key), KeyBytes, info: "kvaspire signing keys"u8.ToArray()))];

    /// <summary>The configured key that encrypts.</summary>
    public string Newest => options.Value.AllKeys[0];

    /// <summary>Encrypts a secret with the newest key.</summary>
    public byte[] Seal(string name, ReadOnlySpan<byte> secret)
    {
        var box = new byte[NonceBytes + TagBytes + secret.Length];
        var nonce = box.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);

        using var aes = new AesGcm(keys[0], TagBytes);
        aes.Encrypt(nonce, secret, box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), Encoding.UTF8.GetBytes(name));
        return box;
    }

    /// <summary>Decrypts a secret.</summary>
    /// <exception cref="SigningKeyException">No key decrypts it, or the ciphertext was changed.</exception>
    public byte[] Open(string name, ReadOnlySpan<byte> box) => OpenWithAny(name, box).Secret;

    /// <summary>The configured key that decrypts a secret; <see cref="Newest"/> where none does.</summary>
    public string KeyOf(string name, ReadOnlySpan<byte> box)
    {
        for (var key = 0; key < keys.Length; key++)
        {
            if (TryOpen(keys[key], name, box) is { } secret)
            {
                CryptographicOperations.ZeroMemory(secret);
                return options.Value.AllKeys[key];
            }
        }

        return Newest;
    }

    /// <summary>Encrypts a secret anew with the newest key.</summary>
    /// <returns>The new ciphertext; null where the newest key has encrypted the secret.</returns>
    /// <exception cref="SigningKeyException">No key decrypts it, or the ciphertext was changed.</exception>
    public byte[]? Renew(string name, ReadOnlySpan<byte> box)
    {
        var (secret, key) = OpenWithAny(name, box);
        try
        {
            return key == 0 ? null : Seal(name, secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private (byte[] Secret, int Key) OpenWithAny(string name, ReadOnlySpan<byte> box)
    {
        for (var key = 0; key < keys.Length; key++)
        {
            if (TryOpen(keys[key], name, box) is { } secret)
                return (secret, key);
        }

        throw new SigningKeyException(
            $"SigningKeys:EncryptionKey does not decrypt '{name}' in identitydb, and no key of SigningKeys:DecryptionKeys does. "
            + "Add the secret that it was stored with to SigningKeys:DecryptionKeys.");
    }

    private static byte[]? TryOpen(byte[] key, string name, ReadOnlySpan<byte> box)
    {
        if (box.Length < NonceBytes + TagBytes)
            return null;

        try
        {
            var secret = new byte[box.Length - NonceBytes - TagBytes];
            using var aes = new AesGcm(key, TagBytes);
            var (tag, ciphertext) = (NonceBytes, NonceBytes + TagBytes);
            aes.Decrypt(box[..tag], box[ciphertext..], box[tag..ciphertext], secret, Encoding.UTF8.GetBytes(name));
            return secret;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
