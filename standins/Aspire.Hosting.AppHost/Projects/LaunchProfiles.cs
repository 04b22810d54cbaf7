using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Finds the launch profile that a project runs with.</summary>
internal static class LaunchProfiles
{
    private static readonly JsonSerializerOptions _json = new()
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>The one asked for; else the one named as the AppHost's own; else the first that launches the project.</summary>
    public static (string Name, LaunchProfile Profile)? Effective(
        ProjectResource project, ProjectResourceOptions options, IConfiguration configuration)
    {
        if (options.ExcludeLaunchProfile || Read(project.GetProjectMetadata()) is not { } settings)
            return null;

        if (options.LaunchProfileName is { Length: > 0 } wanted)
        {
            return settings.Profiles.TryGetValue(wanted, out var found)
                ? (wanted, found)
                : throw new DistributedApplicationException(
                    $"Launch settings file of '{project.Name}' does not contain '{wanted}' profile.");
        }

        var appHosts = configuration["AppHost:DefaultLaunchProfileName"] ?? configuration["DOTNET_LAUNCH_PROFILE"];
        if (appHosts is not null && settings.Profiles.TryGetValue(appHosts, out var same))
            return (appHosts, same);

        var first = settings.Profiles.FirstOrDefault(p => p.Value.CommandName == "Project");
        return first.Value is null ? null : (first.Key, first.Value);
    }

    public static LaunchSettings? Read(string projectDirectory)
    {
        var path = Path.Combine(projectDirectory, "Properties", "launchSettings.json");
        return File.Exists(path) ? JsonSerializer.Deserialize<LaunchSettings>(File.ReadAllText(path), _json) : null;
    }

    private static LaunchSettings? Read(IProjectMetadata project) =>
        project.LaunchSettings ?? Read(Path.GetDirectoryName(project.ProjectPath)!);
}
