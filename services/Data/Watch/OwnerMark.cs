using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace KvAspire.Data.Watch;

/// <summary>
/// Stands for an owner where its name does not belong: every client of the database may listen to notifications, and their
/// length is bounded. Two owners with one mark only wake each other's watchers.
/// </summary>
internal static class OwnerMark
{
    /// <summary>The mark of an owner.</summary>
    public static ulong Of(string owner) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(owner)));
}
