using System.Net.Sockets;
using System.Text;

namespace KvAspire.Gateway.Tests.Fixtures;

/// <summary>Speaks HTTP/1.1 by hand, for requests that no client library would send.</summary>
internal static class RawHttp
{
    /// <summary>Sends one request and reads until the server closes the connection.</summary>
    public static async Task<string> SendAsync(Uri address, string request, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, cancellationToken);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    /// <summary>Sends any bytes and reads until the server closes or resets the connection.</summary>
    public static async Task<string> ExchangeAsync(Uri address, string bytes, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, cancellationToken);
        var stream = socket.GetStream();
        var received = new MemoryStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes), cancellationToken);
            await stream.CopyToAsync(received, cancellationToken);
        }
        catch (IOException)
        {
            // The server refused the rest of the request. Its response has arrived.
            await ReadTheRestAsync(stream, received, cancellationToken);
        }

        return Encoding.Latin1.GetString(received.ToArray());
    }

    /// <summary>Sends a GET with exactly this target.</summary>
    public static Task<string> GetAsync(Uri address, string target, string? token, CancellationToken cancellationToken) =>
        SendAsync(address, $"GET {target} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n"
            + (token is null ? "" : $"Authorization: Bearer {token}\r\n") + "\r\n", cancellationToken);

    private static async Task ReadTheRestAsync(NetworkStream stream, MemoryStream received, CancellationToken cancellationToken)
    {
        try
        {
            await stream.CopyToAsync(received, cancellationToken);
        }
        catch (IOException)
        {
            // The connection was reset.
        }
    }
}
