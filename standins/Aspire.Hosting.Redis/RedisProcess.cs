using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;

namespace Aspire.Hosting.Redis;

/// <summary>The server as a process: a cache that keeps nothing and forgets what was used least lately.</summary>
internal sealed class RedisProcess(RedisResource redis)
{
    public async Task<ProcessSpec> PrepareAsync(ProcessContext context, CancellationToken cancellationToken)
    {
        var program = Programs.Find("redis-server") ?? throw new DistributedApplicationException(
            "Redis is not installed (no 'redis-server' on the PATH): install the package 'redis-server'.");
        var port = context.Instance.TargetPorts[redis.PrimaryEndpoint.EndpointAnnotation];
        var password = redis.PasswordParameter is null ? null : await redis.PasswordParameter.GetValueAsync(cancellationToken);
        return new ProcessSpec
        {
            FileName = program,
            Arguments = ["-"], // The settings come on standard input: the password is in no argument and in no file.
            StandardInput = Settings(port, password),
            User = UnixUser.IsRoot ? UnixUser.Find("redis") : null,
        };
    }

    private static string Settings(int port, string? password)
    {
        var quoted = password?.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return string.Create(CultureInfo.InvariantCulture, $"""
            bind 127.0.0.1 -::1
            port {port}
            daemonize no
            save ""
            appendonly no
            loglevel warning
            maxmemory 128mb
            maxmemory-policy allkeys-lru
            {(quoted is null ? "" : $"requirepass \"{quoted}\"")}

            """);
    }
}
