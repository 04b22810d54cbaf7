using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace KvAspire.Identity.Clients;

/// <summary>The secrets of clients. A secret of 256 random bits needs no slow hash: there is nothing to guess.</summary>
internal static class ClientSecret
{
    private const int SecretBytes = 32;

    /// <summary>A new one.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>What is stored of it.</summary>
    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
