using System.Diagnostics;
using KvAspire.TestKit;

namespace KvAspire.AppHost.Tests;

/// <summary>A program of another language, run in a folder of the repository.</summary>
internal static class LanguageProgram
{
    /// <summary>Whether a program is installed.</summary>
    public static bool Exists(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Runs a program to its end. Killed where the test is cancelled.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string folder, string program, string[] arguments, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Path.Combine(Repository.Root, folder),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
