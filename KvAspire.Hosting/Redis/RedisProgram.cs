using System.Globalization;
using System.Runtime.Versioning;
using KvAspire.Hosting.Programs;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace KvAspire.Hosting.Redis;

/// <summary>Runs Redis as a program. Its password is in a file that only its account can read, not in the arguments.</summary>
[UnsupportedOSPlatform("windows")]
internal static class RedisProgram
{
    public static IResourceBuilder<RedisProgramResource> AddRedisProgram(
        this IDistributedApplicationBuilder builder, string name, int? port, IReadOnlyList<(string Name, string Value)> settings)
    {
        var password = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        var server = new RedisProgramResource(name, password);
        return builder.AddServerProgram(
            server, port, scheme: "redis",
            (services, cancellationToken) => PrepareAsync(server, settings, services, cancellationToken),
            services => [SettingsFile(server, services)],
            cancellationToken => PingAsync(server, cancellationToken))
            .WithIconName("Database");
    }

    private static async Task PrepareAsync(
        RedisProgramResource server, IReadOnlyList<(string Name, string Value)> settings, IServiceProvider services, CancellationToken cancellationToken)
    {
        server.Program.Require();
        var file = SettingsFile(server, services);
        await server.Program.MakeFolderAsync(Path.GetDirectoryName(file)!, cancellationToken);
        var port = await server.PrimaryEndpoint.Property(EndpointProperty.Port).GetValueAsync(cancellationToken);
        var password = await server.PasswordParameter.GetValueAsync(cancellationToken);
        (string, string)[] all = [("bind", "127.0.0.1"), ("port", port!), ("daemonize", "no"), ("loglevel", "warning"), ("requirepass", Quote(password!)), .. settings];
        await server.Program.WriteFileAsync(file, string.Concat(all.Select(setting => $"{setting.Item1} {setting.Item2}\n")), cancellationToken);
    }

    private static string SettingsFile(RedisProgramResource server, IServiceProvider services) =>
        Path.Combine(services.GetRequiredService<ServerFolders>().Temporary(server.Name), "redis.conf");

    private static string Quote(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");

    private static async Task PingAsync(RedisProgramResource server, CancellationToken cancellationToken)
    {
        var options = ConfigurationOptions.Parse((await server.ConnectionStringExpression.GetValueAsync(cancellationToken))!);
        options.ConnectTimeout = 1000;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(cancellationToken);
        await connection.GetDatabase().PingAsync().WaitAsync(cancellationToken);
    }
}
