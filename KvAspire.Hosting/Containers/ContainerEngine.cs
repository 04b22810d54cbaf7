using System.ComponentModel;
using System.Diagnostics;

namespace KvAspire.Hosting.Containers;

/// <summary>The command line of the container engine that the orchestrator uses: Docker or Podman.</summary>
internal static class ContainerEngine
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly Lazy<string?> Running = new(() => Commands().FirstOrDefault(IsRunning));

    /// <summary>Whether an engine answers. An installed command line is not enough: Docker needs a daemon.</summary>
    public static bool Answers => Running.Value is not null;

    /// <returns>The command's output, or null where it failed.</returns>
    public static async Task<string?> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        if (Running.Value is not { } command)
            return null;

        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        await errors;
        return process.ExitCode == 0 ? await output : null;
    }

    // The orchestrator uses the engine that this variable names, else the first installed one.
    private static string[] Commands() =>
        Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME") is { Length: > 0 } named ? [named] : ["docker", "podman"];

    private static bool IsRunning(string command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, ["ps", "--quiet"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            if (process.WaitForExit(Patience))
                return process.ExitCode == 0;

            process.Kill(entireProcessTree: true);
            return false;
        }
        catch (Win32Exception)
        {
            return false; // not installed
        }
    }
}
