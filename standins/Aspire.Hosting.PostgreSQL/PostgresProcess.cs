using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;
using Aspire.Hosting.State;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Postgres;

/// <summary>The server as a process: made once (initdb), then started on its data folder.</summary>
internal sealed class PostgresProcess(PostgresServerResource server)
{
    private string? _data;

    /// <summary>Whether it says that it is up. Asked too early, it would complain in its log about who asks.</summary>
    public bool IsUp => _data is not null && PostmasterFile.SaysReady(_data);

    public async Task<ProcessSpec> PrepareAsync(ProcessContext context, CancellationToken cancellationToken)
    {
        var program = PostgresPrograms.Require("postgres");
        var user = UserToRunAs();
        var data = _data = DataFolder(context.Services.GetRequiredService<StateFolder>(), user);

        await PostmasterFile.ClearAsync(data, context.Services.GetRequiredService<TimeProvider>(), cancellationToken);
        if (!File.Exists(Path.Combine(data, "PG_VERSION")))
        {
            var temporary = !server.HasAnnotationOfType<DataVolumeAnnotation>();
            await new Cluster(data, user, temporary).InitializeAsync(
                await UserNameAsync(cancellationToken), await PasswordAsync(cancellationToken), context.Log);
        }

        var port = context.Instance.TargetPorts[server.PrimaryEndpoint.EndpointAnnotation];
        return new ProcessSpec
        {
            FileName = program,
            Arguments = ["-D", data, .. Settings(port)],
            WorkingDirectory = data,
            User = user,
            // "Fast": open transactions are rolled back, the data is flushed, and no shared memory stays behind.
            StopSignal = Signal.INT,
            DeathSignal = Signal.INT,
            StopGrace = TimeSpan.FromSeconds(30),
        };
    }

    // Durable by default (fsync, synchronous_commit): what a write was promised, tests should see kept. Failed statements are
    // not logged: services report their own errors, and the details would show what users stored.
    private static IEnumerable<string> Settings(int port) => new[]
    {
        $"port={port.ToString(CultureInfo.InvariantCulture)}",
        "listen_addresses=localhost",
        "unix_socket_directories=",
        "fsync=on",
        "synchronous_commit=on",
        "password_encryption=scram-sha-256",
        "max_connections=200",
        "log_line_prefix=",
        "log_checkpoints=off",
        "log_min_messages=log",
    }.SelectMany(setting => new[] { "-c", setting });

    /// <summary>Postgres refuses to run as root.</summary>
    private UnixUser? UserToRunAs() => !UnixUser.IsRoot ? null : UnixUser.Find("postgres")
        ?? throw new DistributedApplicationException(
            $"'{server.Name}' cannot run as root, and this machine has no user 'postgres': install the package 'postgresql'.");

    private string DataFolder(StateFolder state, UnixUser? user)
    {
        var folder = server.TryGetLastAnnotation<DataVolumeAnnotation>(out var volume)
            ? Path.Combine(state.Open(), volume.Name)
            : Path.Combine(state.Temporary, server.Name);
        if (user is not null)
            StateFolder.LetPass(Path.GetDirectoryName(folder)!, user);

        return PrivateFolder.CreateFor(folder, user);
    }

    private async Task<string> UserNameAsync(CancellationToken cancellationToken) =>
        (await server.UserNameReference.GetValueAsync(cancellationToken))!;

    private async Task<string> PasswordAsync(CancellationToken cancellationToken) =>
        (await server.PasswordParameter.GetValueAsync(cancellationToken))!;
}
