using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace KvAspire.TestKit;

/// <summary>An answer as it came over the wire to a request that was written by hand.</summary>
/// <param name="Status">Its status; 0 where the connection was closed without one.</param>
/// <param name="Head">Its headers.</param>
/// <param name="Body">Its body; of a stream of events, only what came along with the head.</param>
internal sealed record RawAnswer(int Status, string Head, string Body)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>Sends a request on a connection of its own and reads the answer until the server closes it.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="request">All of its bytes.</param>
    /// <param name="endsThere">Whether to say that nothing comes after them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RawAnswer> ExchangeAsync(Uri address, byte[] request, bool endsThere, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, timeout.Token);
        var stream = socket.GetStream();
        var received = new MemoryStream();
        try
        {
            await stream.WriteAsync(request, timeout.Token);
            if (endsThere)
                socket.Client.Shutdown(SocketShutdown.Send); // else a server that was promised more waits for it
        }
        catch (IOException)
        {
            // The server has heard enough. It may have answered before.
        }

        await TryReadAsync(stream, received, timeout.Token);
        return Parse(Encoding.UTF8.GetString(received.GetBuffer(), 0, (int)received.Length));
    }

    /// <summary>The value of a header; empty where there is none.</summary>
    public string Header(string name) =>
        Head.Split("\r\n").Select(line => line.Split(": ", 2)).FirstOrDefault(line => line is [{ } header, _] && header.Equals(name, StringComparison.OrdinalIgnoreCase))?[1] ?? "";

    /// <inheritdoc/>
    public override string ToString() => $"{Head}\n\n{Body[..Math.Min(Body.Length, 1_000)]}";

    private static async Task TryReadAsync(NetworkStream stream, MemoryStream received, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await stream.ReadAsync(buffer, cancellationToken) is var count and > 0)
            {
                received.Write(buffer, 0, count);
                if (IsEndless(received.GetBuffer().AsSpan(0, (int)Math.Min(received.Length, buffer.Length))))
                    return;
            }
        }
        catch (IOException)
        {
            // Nothing more.
        }
    }

    // A watch goes on for as long as somebody listens: that it began is all there is to know.
    private static bool IsEndless(ReadOnlySpan<byte> received) =>
        received.IndexOf("\r\n\r\n"u8) is var end and >= 0 && received[..end].IndexOf("text/event-stream"u8) >= 0;

    private static RawAnswer Parse(string text)
    {
        while (text.StartsWith("HTTP/1.1 1", StringComparison.Ordinal)) // 100 Continue
            text = text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        if (!text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) || text.Length < 12)
            return new(0, text, "");

        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var (head, body) = end < 0 ? (text, "") : (text[..end], text[(end + 4)..]);
        var answer = new RawAnswer(int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture), head, body);
        return answer.Header("Transfer-Encoding") is "chunked" ? answer with { Body = Unchunked(body) } : answer;
    }

    // Lengths count bytes and this counts characters: it is for errors, which are in ASCII.
    private static string Unchunked(string body)
    {
        var text = new StringBuilder();
        for (var at = 0; body.IndexOf("\r\n", at, StringComparison.Ordinal) is var line and >= 0;)
        {
            if (!int.TryParse(body.AsSpan(at, line - at), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) || size == 0 || line + 2 + size > body.Length)
                break;
            text.Append(body, line + 2, size);
            at = Math.Min(line + 2 + size + 2, body.Length);
        }

        return text.ToString();
    }
}
