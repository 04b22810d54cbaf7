using System.Diagnostics;

namespace KvAspire.Hosting.Programs;

/// <summary>The program of a server.</summary>
/// <param name="Name">The file name.</param>
/// <param name="Package">Debian's package.</param>
/// <param name="Account">The unprivileged account of the server where the AppHost runs as root.</param>
internal sealed record ServerProgram(string Name, string Package, string Account)
{
    private const string RunAs = "setpriv"; // of util-linux: changes the account, then executes the program

    /// <summary>The full path, or null where the program is not installed.</summary>
    public string? Path { get; init; } = ExecutablePath.Find(Name);

    public string Command => Environment.IsPrivilegedProcess ? RunAs : Path ?? Name;

    /// <summary>The arguments before the program's own.</summary>
    public IReadOnlyList<string> LeadingArguments => Environment.IsPrivilegedProcess
        ? [$"--reuid={Account}", $"--regid={Account}", "--init-groups", "--inh-caps=-all", "--", Path ?? Name]
        : [];

    /// <exception cref="DistributedApplicationException">The program or its account is missing.</exception>
    public void Require()
    {
        if (Path is null)
            throw new DistributedApplicationException($"'{Name}' is not installed: install the package '{Package}', or start a container engine.");
        if (Environment.IsPrivilegedProcess && !File.ReadLines("/etc/passwd").Any(line => line.StartsWith($"{Account}:", StringComparison.Ordinal)))
            throw new DistributedApplicationException($"'{Name}' must not run as root, and there is no account '{Account}': install the package '{Package}'.");
    }

    /// <summary>Makes a folder that only the program's account can read.</summary>
    public Task MakeFolderAsync(string path, CancellationToken cancellationToken) =>
        RunAsync("install", ["-d", "-m", "0700", .. Ownership, path], input: "", cancellationToken);

    /// <summary>Writes a file that only the program's account can read.</summary>
    public Task WriteFileAsync(string path, string content, CancellationToken cancellationToken) =>
        RunAsync("install", ["-m", "0600", .. Ownership, "/dev/stdin", path], content, cancellationToken);

    /// <summary>Runs another program, such as <c>initdb</c>, under the same account.</summary>
    public Task RunAsAccountAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) => Environment.IsPrivilegedProcess
        ? RunAsync(RunAs, [.. LeadingArguments.SkipLast(1), program, .. arguments], input: "", cancellationToken)
        : RunAsync(program, arguments, input: "", cancellationToken);

    private IReadOnlyList<string> Ownership => Environment.IsPrivilegedProcess ? [$"--owner={Account}", $"--group={Account}"] : [];

    private static async Task RunAsync(string command, IReadOnlyList<string> arguments, string input, CancellationToken cancellationToken)
    {
        // In the root folder: the account may have no access to the current one.
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellationToken);
        await output;
        if (process.ExitCode != 0)
            throw new DistributedApplicationException($"'{command}' failed ({process.ExitCode}): {(await errors).Trim()}");
    }
}
