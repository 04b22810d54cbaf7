using System.Buffers.Binary;
using System.Text;

namespace KvAspire.TestKit.Otlp;

/// <summary>The fields of one protobuf message, in the order of the wire (protobuf.dev, "Encoding").</summary>
internal ref struct ProtobufFields(ReadOnlySpan<byte> message)
{
    private const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    private ReadOnlySpan<byte> rest = message;

    /// <summary>The number of the field.</summary>
    public int Number { get; private set; }

    /// <summary>The value of a number, an enumeration or a boolean.</summary>
    public ulong Value { get; private set; }

    /// <summary>The content of a text, of bytes or of a message.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>The content as text.</summary>
    public readonly string Text => Encoding.UTF8.GetString(Content);

    /// <summary>The content in hex digits.</summary>
    public readonly string Hex => Convert.ToHexStringLower(Content);

    /// <summary>Goes to the next field.</summary>
    public bool Read()
    {
        if (rest.IsEmpty)
            return false;

        var tag = ReadVarint();
        (Number, Value) = ((int)(tag >> 3), 0);
        Content = default;
        switch ((int)(tag & 7))
        {
            case Varint:
                Value = ReadVarint();
                break;
            case Fixed64:
                Value = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case Bytes:
                Content = Take((int)ReadVarint());
                break;
            case Fixed32:
                Value = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw new FormatException($"There is no wire type {tag & 7}.");
        }

        return true;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        var taken = rest[..length];
        rest = rest[length..];
        return taken;
    }

    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = Take(1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
    }
}
