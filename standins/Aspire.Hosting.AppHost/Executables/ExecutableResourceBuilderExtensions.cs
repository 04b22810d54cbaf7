using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;

namespace Aspire.Hosting;

/// <summary>Adds programs.</summary>
public static class ExecutableResourceBuilderExtensions
{
    public static IResourceBuilder<ExecutableResource> AddExecutable(
        this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory, params string[]? args) =>
        builder.AddExecutable(name, command, workingDirectory, args?.Cast<object>().ToArray());

    /// <summary>Adds a program, by its path or by a name on the PATH; the folder is relative to the AppHost's.</summary>
    public static IResourceBuilder<ExecutableResource> AddExecutable(
        this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory, params object[]? args)
    {
        var folder = Path.GetFullPath(workingDirectory, builder.AppHostDirectory);
        return builder.AddResource(new ExecutableResource(name, command, folder))
            .WithAnnotation(new ProcessSourceAnnotation(PrepareAsync))
            .WithArgs(args ?? []);
    }

    public static IResourceBuilder<T> WithCommand<T>(this IResourceBuilder<T> builder, string command) where T : ExecutableResource
    {
        builder.Resource.Command = command;
        return builder;
    }

    public static IResourceBuilder<T> WithWorkingDirectory<T>(this IResourceBuilder<T> builder, string workingDirectory)
        where T : ExecutableResource
    {
        builder.Resource.WorkingDirectory = Path.GetFullPath(workingDirectory, builder.ApplicationBuilder.AppHostDirectory);
        return builder;
    }

    private static async Task<ProcessSpec> PrepareAsync(ProcessContext context, CancellationToken cancellationToken)
    {
        var executable = (ExecutableResource)context.Instance.Resource;
        return new ProcessSpec
        {
            FileName = Find(executable) ?? throw new DistributedApplicationException(
                $"the program '{executable.Command}' is missing: install it, or put its folder on the PATH."),
            Arguments = await LaunchValues.ArgumentsAsync(context, cancellationToken),
            WorkingDirectory = Directory.Exists(executable.WorkingDirectory)
                ? executable.WorkingDirectory
                : throw new DistributedApplicationException($"its folder '{executable.WorkingDirectory}' is missing."),
            Environment = await LaunchValues.EnvironmentAsync(context, cancellationToken),
        };
    }

    private static string? Find(ExecutableResource executable)
    {
        if (!executable.Command.Contains('/', StringComparison.Ordinal))
            return Programs.Find(executable.Command);

        var path = Path.GetFullPath(executable.Command, executable.WorkingDirectory);
        return File.Exists(path) ? path : null;
    }
}
