using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using KvAspire.Hosting.Programs;
using Npgsql;
using Xunit;

namespace KvAspire.TestKit;

/// <summary>
/// A Postgres of one test, which runs from a copy of its program and libraries, so that the test can take files away from the running
/// server, as an upgrade of its package does.
/// </summary>
public sealed class OwnPostgres : IAsyncDisposable
{
    private const string Debian = "/usr/lib/postgresql";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo folder;
    private readonly string language;
    private Process? process;

    private OwnPostgres(DirectoryInfo folder) =>
        (this.folder, language) = (folder, Path.Combine(folder.FullName, "lib", "plpgsql.so"));

    /// <summary>The superuser's connection string of an empty database.</summary>
    public string Database { get; private set; } = "";

    /// <summary>Starts one, or skips the test where Postgres is no program of this machine in Debian's folders.</summary>
    public static async Task<OwnPostgres> StartAsync(CancellationToken cancellationToken)
    {
        var programs = Directory.Exists(Debian) ? Directory.GetDirectories(Debian).Select(version => Path.Combine(version, "bin", "postgres")).Where(File.Exists) : [];
        var program = programs.Order(StringComparer.Ordinal).LastOrDefault();
        Assert.SkipWhen(program is null, "Postgres is not installed as Debian's package is.");
        var installed = new ServerProgram("postgres", "postgresql", "postgres") { Path = program };
        var server = new OwnPostgres(Directory.CreateTempSubdirectory("kvaspire-postgres-"));
        await server.StartAsync(installed, Path.GetDirectoryName(program)!, cancellationToken);
        return server;
    }

    /// <summary>
    /// Takes the language of our functions away: processes that have loaded it go on, new ones cannot load it (SQLSTATE 58P01).
    /// </summary>
    public void TakeLanguage() => File.Move(language, language + ".away");

    /// <summary>Puts it back.</summary>
    public void ReturnLanguage() => File.Move(language + ".away", language);

    /// <summary>Runs a statement.</summary>
    public async Task ExecuteAsync(string statement, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection($"{Database};Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        process?.Kill(entireProcessTree: true);
        await (process?.WaitForExitAsync() ?? Task.CompletedTask);
        process?.Dispose();
        folder.Delete(recursive: true);
    }

    private async Task StartAsync(ServerProgram installed, string bin, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException();

        // 1. The server finds its libraries beside its program.
        const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        var (data, port) = (Path.Combine(folder.FullName, "data"), FreePort());
        File.SetUnixFileMode(folder.FullName, Readable);
        foreach (var (name, files) in new[] { ("bin", [installed.Path!]), ("lib", Directory.GetFiles(Path.Combine(bin, "..", "lib"), "*.so")) })
        {
            var target = Directory.CreateDirectory(Path.Combine(folder.FullName, name), Readable).FullName;
            foreach (var file in files)
                File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        // 2. Its data.
        await installed.MakeFolderAsync(data, cancellationToken);
        await installed.RunAsAccountAsync(
            Path.Combine(bin, "initdb"), ["-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"], cancellationToken);

        // 3. The server.
        var copy = installed with { Path = Path.Combine(folder.FullName, "bin", "postgres") };
        string[] settings = [$"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "log_min_error_statement=panic"];
        process = Process.Start(new ProcessStartInfo(
            copy.Command, [.. copy.LeadingArguments, "-D", data, .. settings.SelectMany(setting => new[] { "-c", setting })])
        {
            RedirectStandardError = true,
            WorkingDirectory = "/",
        })!;
        process.ErrorDataReceived += (_, _) => { }; // a full pipe would block it
        process.BeginErrorReadLine();
        Database = $"Host=127.0.0.1;Port={port};Username=postgres;Password=any;Database=postgres";
        for (var clock = Stopwatch.StartNew(); ;)
        {
            try
            {
                await ExecuteAsync("SELECT 1", cancellationToken);
                break;
            }
            catch (NpgsqlException) when (clock.Elapsed < Patience)
            {
                await Task.Delay(100, cancellationToken);
            }
        }

        await ExecuteAsync("CREATE DATABASE own", cancellationToken);
        Database = Database.Replace("Database=postgres", "Database=own", StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
