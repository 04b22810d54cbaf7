using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace KvAspire.Bench;

/// <summary>
/// A client with one connection and one request at a time. It is minimal, since it shares the machine with the system: one call
/// to send, one to receive, and only the status and the length are parsed.
/// </summary>
internal sealed class ReadingClient : IDisposable
{
    private readonly IPEndPoint gateway;
    private readonly Tally tally;
    private readonly Action<ReadingClient> free;
    private readonly byte[] buffer = new byte[4096];
    private readonly SocketAsyncEventArgs receiving = new();
    private Socket socket;
    private int received;
    private long sent;

    public ReadingClient(IPEndPoint gateway, Tally tally, Action<ReadingClient> free)
    {
        (this.gateway, this.tally, this.free) = (gateway, tally, free);
        socket = Connect();
        receiving.Completed += (_, _) => ReceiveAll();
    }

    /// <summary>Sends a request. Calls back when the response is complete.</summary>
    public void Send(ReadOnlySpan<byte> request)
    {
        (received, sent) = (0, Stopwatch.GetTimestamp());
        try
        {
            socket.Send(request);
            if (!Receive())
                ReceiveAll();
        }
        catch (SocketException)
        {
            Fail();
        }
    }

    public void Dispose()
    {
        receiving.Dispose();
        socket.Dispose();
    }

    private bool Receive()
    {
        receiving.SetBuffer(buffer, received, buffer.Length - received);
        return socket.ReceiveAsync(receiving);
    }

    // Reads synchronously while data is available.
    private void ReceiveAll()
    {
        do
        {
            if (receiving.SocketError is not SocketError.Success || receiving.BytesTransferred == 0)
            {
                Fail();
                return;
            }

            received += receiving.BytesTransferred;
            if (StatusOf(buffer.AsSpan(0, received)) is { } status)
            {
                tally.Count(status, sent);
                free(this);
                return;
            }
        }
        while (!Receive());
    }

    private void Fail()
    {
        tally.Count(0, sent);
        socket.Dispose();
        socket = Connect();
        free(this);
    }

    // Null while the response is incomplete.
    private static int? StatusOf(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return null;

        var at = answer.IndexOf("Content-Length: "u8);
        var isWhole = at > 0 && at < end
            ? Utf8Parser.TryParse(answer[(at + 16)..], out int length, out _) && answer.Length >= end + 4 + length
            : answer.EndsWith("0\r\n\r\n"u8); // the last chunk
        return isWhole && Utf8Parser.TryParse(answer[9..12], out int status, out _) ? status : null;
    }

    private Socket Connect()
    {
        var connecting = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        connecting.Connect(gateway);
        return connecting;
    }
}
