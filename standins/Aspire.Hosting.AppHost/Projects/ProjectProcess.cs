using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;

namespace Aspire.Hosting;

/// <summary>A project as a process: <c>dotnet</c> with what was built, in the project's folder.</summary>
internal static class ProjectProcess
{
    public static async Task<ProcessSpec> PrepareAsync(ProcessContext context, CancellationToken cancellationToken)
    {
        var project = (ProjectResource)context.Instance.Resource;
        var metadata = project.GetProjectMetadata();
        var assembly = metadata is IBuiltProject built ? built.TargetPath : Newest(metadata.ProjectPath);
        if (assembly is null || !File.Exists(assembly))
        {
            throw new DistributedApplicationException(
                $"it has not been built ({assembly ?? metadata.ProjectPath} is missing): run 'dotnet build' on the AppHost.");
        }

        return new ProcessSpec
        {
            FileName = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host
                ? host
                : Programs.Require("dotnet", "dotnet-sdk-10.0"),
            Arguments = [assembly, .. await LaunchValues.ArgumentsAsync(context, cancellationToken)],
            WorkingDirectory = Path.GetDirectoryName(metadata.ProjectPath)!,
            Environment = await LaunchValues.EnvironmentAsync(context, cancellationToken),
        };
    }

    /// <summary>For a project that is known by its path only: the assembly that was built last.</summary>
    private static string? Newest(string projectPath)
    {
        var output = Path.Combine(Path.GetDirectoryName(projectPath)!, "bin");
        var runnable = $"*.runtimeconfig.json";
        return !Directory.Exists(output) ? null : Directory.EnumerateFiles(output, runnable, SearchOption.AllDirectories)
            .OrderByDescending(File.GetLastWriteTimeUtc)
            .Select(path => path.Replace(".runtimeconfig.json", ".dll", StringComparison.Ordinal))
            .FirstOrDefault();
    }
}
