using System.Reflection;

namespace KvAspire.AppHost.Services;

/// <summary>
/// Runs projects from their build output. Aspire's <c>dotnet run</c> adds a process of 120 MB and seconds of CPU time to each
/// project, and took two thirds of the whole system's start.
/// </summary>
internal static class BuiltProgram
{
    public static IResourceBuilder<ProjectResource> AsBuilt(this IResourceBuilder<ProjectResource> project)
    {
        var source = project.Resource.GetProjectMetadata().ProjectPath;
        var folder = Path.GetDirectoryName(source)!;
#pragma warning disable ASPIRECERTIFICATES001 // experimental API; without the call the dashboard warns of a certificate that no endpoint uses
        project.WithoutHttpsCertificate();
#pragma warning restore ASPIRECERTIFICATES001
        return project
            .WithAnnotation(new ExecutableAnnotation { Command = Find(folder, Path.GetFileNameWithoutExtension(source)), WorkingDirectory = folder })
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", project.ApplicationBuilder.Environment.EnvironmentName); // `dotnet run` reads it from the launch profile
    }

    // The build of the AppHost builds the project, in the same configuration. Directory.Build.props names the program.
    private static string Find(string folder, string project)
    {
        var built = typeof(BuiltProgram).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var program = Path.Combine(folder, "bin", built, $"net{Environment.Version.Major}.0", $"KvAspire.{project}");
        return OperatingSystem.IsWindows() ? program + ".exe" : program;
    }
}
