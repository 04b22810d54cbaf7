using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace KvAspire.Gateway.Tests.Edge;

/// <summary>
/// Speaks HTTP/2 by hand (RFC 9113), to see the frames that a client library keeps to itself. It never acknowledges settings and
/// opens no windows, for which its answers are too few and too short.
/// </summary>
internal sealed class Http2Frames : IDisposable
{
    /// <summary>The types of frames that a test asks for.</summary>
    public const byte Headers = 1, GoAway = 7;

    private const byte EndOfStreamAndHeaders = 5, Settings = 4, Acknowledged = 1, Ping = 6;

    private readonly TcpClient socket = new();
    private int stream = -1;

    /// <summary>Connects.</summary>
    public static async Task<Http2Frames> ConnectAsync(Uri address, CancellationToken cancellationToken)
    {
        var frames = new Http2Frames();
        await frames.socket.ConnectAsync(address.Host, address.Port, cancellationToken);
        await frames.socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), cancellationToken);
        await frames.WriteAsync(Settings, 0, 0, [], cancellationToken);
        return frames;
    }

    /// <summary>Sends a GET.</summary>
    /// <returns>Its stream.</returns>
    public async Task<int> GetAsync(string path, CancellationToken cancellationToken)
    {
        // HPACK (RFC 7541): GET and http are entries of the static table, 4 and 1 the names :path and :authority in it.
        byte[] fields = [0x82, 0x86, 4, (byte)path.Length, .. Encoding.ASCII.GetBytes(path), 1, 9, .. "localhost"u8];
        await WriteAsync(Headers, EndOfStreamAndHeaders, stream += 2, fields, cancellationToken);
        return stream;
    }

    /// <summary>Reads to the next frame of these types, whatever else comes before.</summary>
    /// <returns>Null where the connection ends before.</returns>
    public async Task<(byte Type, int Stream, byte[] Payload)?> NextAsync(IReadOnlyList<byte> types, CancellationToken cancellationToken)
    {
        var head = new byte[9];
        while (await socket.GetStream().ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken) == head.Length)
        {
            var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await socket.GetStream().ReadExactlyAsync(payload, cancellationToken);
            if (types.Contains(head[3]))
                return (head[3], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue, payload);
            if (head[3] is Ping && head[4] is not Acknowledged)
                await WriteAsync(Ping, Acknowledged, 0, payload, cancellationToken);
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private async Task WriteAsync(byte type, byte flags, int on, byte[] payload, CancellationToken cancellationToken)
    {
        byte[] id = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(id, on);
        byte[] frame = [0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, .. id, .. payload];
        await socket.GetStream().WriteAsync(frame, cancellationToken);
    }
}
