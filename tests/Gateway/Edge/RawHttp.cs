using System.Net.Sockets;
using System.Text;

namespace KvAspire.Gateway.Tests.Edge;

/// <summary>Speaks HTTP/1.1 by hand, for requests that no client library would send.</summary>
internal static class RawHttp
{
    /// <summary>Sends one request and reads the answer until the server closes.</summary>
    public static async Task<string> SendAsync(Uri address, string request, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, cancellationToken);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    /// <summary>Sends a GET without a body for exactly this target.</summary>
    public static Task<string> GetAsync(Uri address, string target, string? token, CancellationToken cancellationToken) =>
        SendAsync(address, $"GET {target} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n"
            + (token is null ? "" : $"Authorization: Bearer {token}\r\n") + "\r\n", cancellationToken);
}
