using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace KvAspire.Data.Changes.Watch;

/// <summary>
/// Stands for an owner in notifications: every client of the database can listen to them, and their length is bounded. If two
/// owners share a mark, a change of one also wakes the watchers of the other.
/// </summary>
internal static class OwnerMark
{
    public static ulong Of(string owner) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(owner)));
}
