using System.Net.Sockets;
using System.Text;

namespace KvAspire.Hosting.Tests;

/// <summary>Just enough of a Redis client for these tests.</summary>
internal sealed class Redis : IAsyncDisposable
{
    private readonly TcpClient _client = new();

    public static async Task<Redis> ConnectAsync(string connectionString)
    {
        var parts = connectionString.Split([':', ',', '='], 4);
        var redis = new Redis();
        await redis._client.ConnectAsync(
            parts[0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), TestContext.Current.CancellationToken);
        Assert.Equal("+OK", await redis.SendAsync("AUTH", parts[3]));
        return redis;
    }

    public async Task<string> SendAsync(params string[] command)
    {
        var text = string.Concat(command.Select(part => $"${part.Length}\r\n{part}\r\n"));
        var stream = _client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"*{command.Length}\r\n{text}"), TestContext.Current.CancellationToken);
        var answer = new byte[1024];
        var length = await stream.ReadAsync(answer, TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(answer, 0, length).TrimEnd();
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
