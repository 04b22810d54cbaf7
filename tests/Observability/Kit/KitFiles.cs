using System.Diagnostics;
using KvAspire.TestKit;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace KvAspire.Observability.Tests.Kit;

/// <summary>The files of <c>observability/</c>.</summary>
internal static class KitFiles
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "observability");

    public static string Prometheus { get; } = Path.Combine(Folder, "prometheus");

    public static string Runbooks { get; } = Path.Combine(Repository.Root, "docs", "runbooks");

    public static IReadOnlyList<string> Rules { get; } = Directory.GetFiles(Path.Combine(Prometheus, "rules"), "*.yml");

    public static IReadOnlyList<string> UnitTests { get; } = Directory.GetFiles(Path.Combine(Prometheus, "tests"), "*.yml");

    /// <summary>Reads a YAML file, with its anchors resolved.</summary>
    public static T Read<T>(string path)
    {
        var yaml = new DeserializerBuilder().IgnoreUnmatchedProperties().Build();
        return yaml.Deserialize<T>(new MergingParser(new Parser(File.OpenText(path))));
    }

    /// <summary>Runs a program of the kit's tools to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output + await errors);
    }
}
