using System.Diagnostics;
using KvAspire.TestKit;

namespace KvAspire.Identity.Tests.Fixtures;

/// <summary>The identity service as a process, for tests of its exit code and console output.</summary>
public static class ServiceProcess
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);

    /// <summary>The exit code and output of a process.</summary>
    public sealed record Run(int ExitCode, string Output, string Error);

    /// <summary>Runs the migration of a database.</summary>
    public static Task<Run> MigrateAsync(string database, CancellationToken cancellationToken) =>
        RunAsync(
            ["migrate"],
            new() { ["ConnectionStrings__identitydb"] = database, ["FirstAdmin__Password"] = Person.Admin.Password },
            cancellationToken);

    /// <summary>Runs the service until it exits by itself.</summary>
    public static async Task<Run> RunAsync(
        string[] arguments, Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "KvAspire.Identity.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["ServiceCalls__Secret"] = TestIssuer.ServiceSecret;
        start.Environment["services__data__http__0"] = "http://127.0.0.1:9"; // no server
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
