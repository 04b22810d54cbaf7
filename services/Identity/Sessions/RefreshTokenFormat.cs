using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace KvAspire.Identity.Sessions;

/// <summary>The format of refresh tokens: 256 random bits in base64url, opaque to clients (RFC 6749, section 1.5).</summary>
internal static class RefreshTokenFormat
{
    private const int TokenBytes = 32, Characters = 43;

    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));

    /// <summary>Whether a text has the form of a token. Other texts never reach the database.</summary>
    public static bool IsPlausible([NotNullWhen(true)] string? token) =>
        token is { Length: Characters } && Base64Url.IsValid(token);

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));

    /// <summary>Encrypts a successor with its predecessor as the key.</summary>
    public static byte[] Seal(string successor, string predecessor)
    {
        var secret = Encoding.ASCII.GetBytes(successor);
        var box = new byte[AesGcm.TagByteSizes.MaxSize + secret.Length];
        using var aes = Key(predecessor);
        aes.Encrypt(Nonce, secret, box.AsSpan(AesGcm.TagByteSizes.MaxSize), box.AsSpan(0, AesGcm.TagByteSizes.MaxSize));
        return box;
    }

    /// <summary>Decrypts a successor.</summary>
    public static string Open(byte[] box, string predecessor)
    {
        var secret = new byte[box.Length - AesGcm.TagByteSizes.MaxSize];
        using var aes = Key(predecessor);
        aes.Decrypt(Nonce, box.AsSpan(AesGcm.TagByteSizes.MaxSize), box.AsSpan(0, AesGcm.TagByteSizes.MaxSize), secret);
        return Encoding.ASCII.GetString(secret);
    }

    // Each predecessor has one successor, so that its key encrypts one message: a fixed nonce is safe.
    private static readonly byte[] Nonce = new byte[AesGcm.NonceByteSizes.MaxSize];

    private static AesGcm Key(string predecessor) => new(
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.ASCII.GetBytes(predecessor), TokenBytes, info: "kvaspire successor"u8.ToArray()),
        AesGcm.TagByteSizes.MaxSize);
}
