using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Redis;

/// <summary>Healthy: the server takes the password and answers PING.</summary>
internal sealed class RedisHealthCheck(RedisResource redis) : IHealthCheck
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(5);

    public static HealthCheckRegistration Registration(string name, RedisResource redis) =>
        new(name, _ => new RedisHealthCheck(redis), failureStatus: null, tags: null, _timeout);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("localhost", await PortAsync(cancellationToken), cancellationToken);
            await using var stream = client.GetStream();
            if (redis.PasswordParameter is { } password)
                await SendAsync(stream, ["AUTH", (await password.GetValueAsync(cancellationToken))!], cancellationToken);
            return await SendAsync(stream, ["PING"], cancellationToken) is "+PONG"
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("It does not answer PING.");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return HealthCheckResult.Unhealthy(e.Message, e);
        }
    }

    private async Task<int> PortAsync(CancellationToken cancellationToken) =>
        int.Parse((await redis.Port.GetValueAsync(cancellationToken))!, CultureInfo.InvariantCulture);

    /// <summary>A command as an array of strings, and the one line that answers it.</summary>
    private static async Task<string> SendAsync(Stream stream, string[] command, CancellationToken cancellationToken)
    {
        var parts = command.Select(part => $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"*{command.Length}\r\n{string.Concat(parts)}"), cancellationToken);

        var answer = new byte[256];
        var length = await stream.ReadAsync(answer, cancellationToken);
        var line = Encoding.UTF8.GetString(answer, 0, length).TrimEnd();
        return line.StartsWith('-') ? throw new IOException(line[1..]) : line;
    }
}
