using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace KvAspire.TestKit;

/// <summary>The response to a raw request.</summary>
/// <param name="Status">The status; 0 where the server closed the connection without a response.</param>
/// <param name="Head">The headers.</param>
/// <param name="Body">The body; of an event stream, only the part that came with the headers.</param>
internal sealed record RawAnswer(int Status, string Head, string Body)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>Sends a request on its own connection, and reads the response until the server closes it.</summary>
    /// <param name="address">The server.</param>
    /// <param name="request">The bytes of the request.</param>
    /// <param name="endsThere">Whether to half-close the connection after the request.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
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
            // The server closed the connection early, perhaps after a response.
        }

        await TryReadAsync(stream, received, timeout.Token);
        return Parse(Encoding.UTF8.GetString(received.GetBuffer(), 0, (int)received.Length));
    }

    /// <summary>The value of a header; empty where there is none.</summary>
    public string Header(string name) =>
        Head.Split("\r\n").Select(line => line.Split(": ", 2)).FirstOrDefault(line => line is [{ } header, _] && header.Equals(name, StringComparison.OrdinalIgnoreCase))?[1] ?? "";

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
            // The connection broke: no more data.
        }
    }

    // A watch never ends: its beginning is enough.
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

    // Counts characters as bytes: only for errors, which are ASCII.
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
