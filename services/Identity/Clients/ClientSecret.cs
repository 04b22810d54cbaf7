using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace KvAspire.Identity.Clients;

/// <summary>The secrets of clients. A secret of 256 random bits needs no slow hash: it cannot be guessed.</summary>
internal static class ClientSecret
{
    private const int SecretBytes = 32;

    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
