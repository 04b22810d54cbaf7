using System.Runtime.Versioning;
using KvAspire.Hosting.Programs;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace KvAspire.Hosting.Postgres;

/// <summary>Runs Postgres as a program: creates its data folder once (initdb), starts it, then creates its databases.</summary>
[UnsupportedOSPlatform("windows")]
internal static class PostgresProgram
{
    // fsync and synchronous_commit are on by default too; written down because tests rely on durability. Failed statements are
    // not logged: they contain users' data, and services report their own errors.
    private static readonly string[] Settings =
    [
        "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=on", "synchronous_commit=on",
        "password_encryption=scram-sha-256", "log_line_prefix=", "log_checkpoints=off", "log_min_error_statement=panic",
    ];

    public static IResourceBuilder<PostgresProgramResource> AddPostgresProgram(
        this IDistributedApplicationBuilder builder, string name, int? port, params string[] arguments)
    {
        var password = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        var server = new PostgresProgramResource(name, password);
        builder.Eventing.Subscribe<ResourceReadyEvent>(server, (ready, cancellationToken) => OpenDatabasesAsync(server, ready.Services, cancellationToken));
        builder.Eventing.Subscribe<ResourceStoppedEvent>(server, (stopped, _) => ShowAsync(server, stopped.Services, KnownResourceStates.Exited));

        return builder.AddServerProgram(
            server, port, scheme: "tcp",
            (services, cancellationToken) => PrepareAsync(server, services, cancellationToken),
            services =>
            [
                "-D", DataFolder(server, services.GetRequiredService<ServerFolders>()),
                "-p", server.PrimaryEndpoint.Property(EndpointProperty.TargetPort),
                .. Settings.SelectMany(setting => new[] { "-c", setting }), .. arguments,
            ],
            async cancellationToken => await (await ConnectAsync(server, cancellationToken)).DisposeAsync())
            .WithIconName("DatabaseMultiple");
    }

    private static string DataFolder(PostgresProgramResource server, ServerFolders folders) =>
        server.Volume is { } volume ? ServerFolders.OfVolume(volume) : folders.Temporary(server.Name);

    private static async Task PrepareAsync(PostgresProgramResource server, IServiceProvider services, CancellationToken cancellationToken)
    {
        await ShowAsync(server, services, KnownResourceStates.Starting);
        server.Program.Require();
        var data = DataFolder(server, services.GetRequiredService<ServerFolders>());
        if (Directory.Exists(data))
            await PostmasterFile.ClearAsync(data, services.GetRequiredService<TimeProvider>(), cancellationToken);
        else
            await InitializeAsync(server, data, cancellationToken);
    }

    // Initializes a folder beside the final one and renames it: the next start would take half a cluster for a whole one.
    private static async Task InitializeAsync(PostgresProgramResource server, string data, CancellationToken cancellationToken)
    {
        var initdb = Path.Combine(Path.GetDirectoryName(server.Program.Path)!, "initdb");
        var made = $"{data}.{Environment.ProcessId}.new";
        var passwordFile = $"{made}.password"; // not an argument: every account can read arguments
        string[] arguments =
        [
            "-D", made, "-U", PostgresProgramResource.UserName, $"--pwfile={passwordFile}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8",
            .. server.Volume is null ? ["--no-sync"] : Array.Empty<string>(), // the data does not outlive the run
        ];
        try
        {
            await server.Program.MakeFolderAsync(made, cancellationToken);
            await server.Program.WriteFileAsync(passwordFile, $"{await server.PasswordParameter.GetValueAsync(cancellationToken)}\n", cancellationToken);
            await server.Program.RunAsAccountAsync(initdb, arguments, cancellationToken);
            Directory.Move(made, data);
        }
        finally
        {
            File.Delete(passwordFile);
            if (Directory.Exists(made))
                Directory.Delete(made, recursive: true);
        }
    }

    private static async Task OpenDatabasesAsync(PostgresProgramResource server, IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(server, cancellationToken);
        foreach (var database in server.Databases)
        {
            await using var find = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = database.Name } } };
            if (await find.ExecuteScalarAsync(cancellationToken) is not null)
                continue;

            await using var create = new NpgsqlCommand($"CREATE DATABASE {new NpgsqlCommandBuilder().QuoteIdentifier(database.Name)}", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        await ShowAsync(server, services, KnownResourceStates.Running);
    }

    // The orchestrator reports the state of a container's child resources, but not of a program's.
    private static async Task ShowAsync(PostgresProgramResource server, IServiceProvider services, string state)
    {
        var notifications = services.GetRequiredService<ResourceNotificationService>();
        foreach (var database in server.Databases)
            await notifications.PublishUpdateAsync(database, snapshot => snapshot with { State = state });
    }

    private static async Task<NpgsqlConnection> ConnectAsync(PostgresProgramResource server, CancellationToken cancellationToken)
    {
        var address = await server.ConnectionStringExpression.GetValueAsync(cancellationToken);
        var connection = new NpgsqlConnection($"{address};Database=postgres;Pooling=false;Timeout=3");
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}
