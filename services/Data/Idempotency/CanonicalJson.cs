using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace KvAspire.Data.Idempotency;

/// <summary>
/// The form of a JSON text that does not depend on white space and the order of members, as in RFC 8785. Unlike there, names,
/// strings and numbers keep their spelling, because values are stored as they are sent.
/// </summary>
/// <remarks>
/// Some objects keep the order of their members: those with many, so that sorting stays cheap; and those in which a name is
/// escaped or occurs twice. There the order counts, because the service reads the last member of a name.
/// </remarks>
internal sealed class CanonicalJson(IncrementalHash hash)
{
    private const int MaxSorted = 1_000;

    // A hash takes longer for many short texts than for one.
    private readonly byte[] buffer = new byte[4096];
    private int buffered;

    /// <summary>Appends the canonical form of a JSON text to a hash.</summary>
    public static void Append(IncrementalHash hash, JsonElement json)
    {
        var canonical = new CanonicalJson(hash);
        canonical.Append(json);
        canonical.Flush();
    }

    // The end of each element is marked by a comma.
    private void Append(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                Append("{"u8);
                AppendMembers(json);
                Append("},"u8);
                break;
            case JsonValueKind.Array:
                Append("["u8);
                foreach (var item in json.EnumerateArray())
                    Append(item);
                Append("],"u8);
                break;
            default:
                Append(JsonMarshal.GetRawUtf8Value(json));
                Append(","u8);
                break;
        }
    }

    private void AppendMembers(JsonElement json)
    {
        if (json.GetPropertyCount() is > 1 and <= MaxSorted && Sorted(json) is { } members)
        {
            foreach (var member in members)
                Append(member);
            return;
        }

        foreach (var member in json.EnumerateObject())
            Append(member);
    }

    private void Append(JsonProperty member)
    {
        Append("\""u8);
        Append(JsonMarshal.GetRawUtf8PropertyName(member));
        Append("\":"u8);
        Append(member.Value);
    }

    // Null where the order counts.
    private static JsonProperty[]? Sorted(JsonElement json)
    {
        JsonProperty[] members = [.. json.EnumerateObject()];
        Array.Sort(members, ByName);
        for (var i = 0; i < members.Length; i++)
        {
            var isTwice = i > 0 && ByName(members[i - 1], members[i]) == 0;
            if (isTwice || JsonMarshal.GetRawUtf8PropertyName(members[i]).Contains((byte)'\\'))
                return null;
        }

        return members;
    }

    private static int ByName(JsonProperty one, JsonProperty other) =>
        JsonMarshal.GetRawUtf8PropertyName(one).SequenceCompareTo(JsonMarshal.GetRawUtf8PropertyName(other));

    private void Append(ReadOnlySpan<byte> text)
    {
        if (text.Length > buffer.Length - buffered)
            Flush();
        if (text.Length > buffer.Length)
        {
            hash.AppendData(text);
            return;
        }

        text.CopyTo(buffer.AsSpan(buffered));
        buffered += text.Length;
    }

    private void Flush()
    {
        hash.AppendData(buffer.AsSpan(0, buffered));
        buffered = 0;
    }
}
