using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace KvAspire.Gateway.Tests.Fixtures;

/// <summary>
/// Speaks HTTP/2 by hand (RFC 9113), because client libraries hide frames. Its few, short responses need no acknowledged settings
/// and no window updates.
/// </summary>
internal sealed class Http2Frames : IDisposable
{
    /// <summary>Frame types.</summary>
    public const byte Headers = 1, GoAway = 7;

    private const byte EndOfStreamAndHeaders = 5, Settings = 4, Acknowledged = 1, Ping = 6;

    private readonly TcpClient socket = new();
    private int stream = -1;

    public static async Task<Http2Frames> ConnectAsync(Uri address, CancellationToken cancellationToken)
    {
        var frames = new Http2Frames();
        await frames.socket.ConnectAsync(address.Host, address.Port, cancellationToken);
        await frames.socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), cancellationToken);
        await frames.WriteAsync(Settings, 0, 0, [], cancellationToken);
        return frames;
    }

    /// <summary>Sends a GET.</summary>
    /// <returns>The stream's id.</returns>
    public async Task<int> GetAsync(string path, CancellationToken cancellationToken)
    {
        await socket.GetStream().WriteAsync(Get(path, stream += 2), cancellationToken);
        return stream;
    }

    /// <summary>Sends two GETs in one packet, so that no frame comes between them.</summary>
    /// <returns>The streams' ids.</returns>
    public async Task<(int First, int Second)> GetTwiceAsync(string path, CancellationToken cancellationToken)
    {
        var (first, second) = (stream + 2, stream += 4);
        await socket.GetStream().WriteAsync((byte[])[.. Get(path, first), .. Get(path, second)], cancellationToken);
        return (first, second);
    }

    /// <summary>Reads the next frame of these types, and skips others.</summary>
    /// <returns>Null if the connection ends first.</returns>
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

    // HPACK (RFC 7541): 0x82 and 0x86 are GET and http in the static table; 4 and 1 are the names :path and :authority.
    private static byte[] Get(string path, int on) =>
        Frame(Headers, EndOfStreamAndHeaders, on, [0x82, 0x86, 4, (byte)path.Length, .. Encoding.ASCII.GetBytes(path), 1, 9, .. "localhost"u8]);

    private static byte[] Frame(byte type, byte flags, int on, byte[] payload)
    {
        byte[] id = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(id, on);
        return [0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, .. id, .. payload];
    }

    private async Task WriteAsync(byte type, byte flags, int on, byte[] payload, CancellationToken cancellationToken) =>
        await socket.GetStream().WriteAsync(Frame(type, flags, on, payload), cancellationToken);
}
