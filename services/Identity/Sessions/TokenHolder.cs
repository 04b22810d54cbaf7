using System.Security.Cryptography;
using System.Text;
using KvAspire.Identity.Requests;

namespace KvAspire.Identity.Sessions;

/// <summary>
/// Recognizes the party that presents a refresh token, by its address and user agent. The database stores both only as hashes
/// with the token as the key: it neither has the token nor learns the address.
/// </summary>
internal sealed class TokenHolder(ClientAddress client, IHttpContextAccessor http)
{
    private const int HashBytes = 16;

    /// <summary>The party of the current request: a hash of its network, then one of its user agent.</summary>
    public byte[] MarkOf(string token) =>
        [.. Hash(token, $"address {client.Network}"), .. Hash(token, $"agent {http.HttpContext?.Request.Headers.UserAgent}")];

    /// <summary>What differs between two parties that presented one token; null where nothing does, or the first is unknown.</summary>
    public static string? Difference(byte[]? first, byte[] other)
    {
        if (first is null || first.AsSpan().SequenceEqual(other))
            return null;

        return !first.AsSpan(0, HashBytes).SequenceEqual(other.AsSpan(0, HashBytes)) ? "address" : "user_agent";
    }

    private static ReadOnlySpan<byte> Hash(string token, string text) =>
        HMACSHA256.HashData(Encoding.ASCII.GetBytes(token), Encoding.UTF8.GetBytes(text)).AsSpan(0, HashBytes);
}
