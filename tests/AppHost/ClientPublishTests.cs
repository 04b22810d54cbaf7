using System.Diagnostics;
using Aspire.Hosting.Testing;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>An application with the client, published trimmed and ahead of time; a warning of either fails the publication.</summary>
public sealed class ClientPublishTests(RunningSystem system)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("net10.0", "PublishTrimmed")]
    [InlineData("net10.0", "PublishAot")]
    [InlineData("net8.0", "PublishTrimmed")]
    [InlineData("net8.0", "PublishAot")]
    public async Task A_published_application_without_unused_code_does_the_tour(string framework, string publication)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("KVASPIRE_AOT") is "1", "It takes minutes and a C compiler: KVASPIRE_AOT=1 asks for it.");
        var folder = Directory.CreateTempSubdirectory("tour-").FullName;
        try
        {
            var project = Path.Combine(Repository.Root, "tests", "ClientTour");
            await RunAsync(
                "dotnet", "publish", project, "-c", "Release", "-f", framework, "--use-current-runtime", "--self-contained", $"-p:{publication}=true",
                "--artifacts-path", Path.Combine(folder, "artifacts"), "-o", Path.Combine(folder, "app"), "-nodeReuse:false", "-v:q");

            var output = await RunAsync(Path.Combine(folder, "app", "KvAspire.ClientTour"), system.App.GetEndpoint("gateway", "http").AbsoluteUri);

            Assert.EndsWith("All is well.\n", output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode is 0, output + await errors);
        return output;
    }
}
