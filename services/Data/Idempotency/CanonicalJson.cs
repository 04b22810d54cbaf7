using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace KvAspire.Data.Idempotency;

/// <summary>
/// The form of a JSON text that does not depend on white space and the order of members, as in RFC 8785. Unlike there, names,
/// strings and numbers keep their spelling, because values are stored as they are sent.
/// </summary>
internal static class CanonicalJson
{
    private static readonly Comparer<byte[]> ByBytes = Comparer<byte[]>.Create((one, other) => one.AsSpan().SequenceCompareTo(other));

    /// <summary>Writes the canonical form. The end of each element is marked by a comma.</summary>
    public static void Write(IBufferWriter<byte> output, JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                output.Write("{"u8);
                foreach (var (name, value) in Members(json))
                {
                    output.Write("\""u8);
                    output.Write(name);
                    output.Write("\":"u8);
                    Write(output, value);
                }

                output.Write("},"u8);
                break;
            case JsonValueKind.Array:
                output.Write("["u8);
                foreach (var item in json.EnumerateArray())
                    Write(output, item);
                output.Write("],"u8);
                break;
            default:
                output.Write(JsonMarshal.GetRawUtf8Value(json));
                output.Write(","u8);
                break;
        }
    }

    // The sort is stable: of members with the same name, the last one counts.
    private static IEnumerable<(byte[] Name, JsonElement Value)> Members(JsonElement json) => json.EnumerateObject()
        .Select(member => (Name: JsonMarshal.GetRawUtf8PropertyName(member).ToArray(), member.Value))
        .OrderBy(member => member.Name, ByBytes);
}
