using System.Diagnostics;
using KvAspire.TestKit;

namespace KvAspire.AppHost.Tests;

/// <summary>The <c>kv</c> script of the repository.</summary>
internal static class KvScript
{
    public static async Task<(int ExitCode, string Output)> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "kv"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var script = Process.Start(start)!;
        var output = script.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = script.StandardError.ReadToEndAsync(cancellationToken);
        await script.WaitForExitAsync(cancellationToken);
        return (script.ExitCode, await output + await errors);
    }
}
