using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>How an AppHost is built for a test, where the test does not say otherwise.</summary>
internal static class TestingDefaults
{
    public static void Apply(
        Assembly? appHost, string[] args, DistributedApplicationOptions options, HostApplicationBuilderSettings host)
    {
        options.Args = host.Args = args;
        options.AssemblyName = appHost?.GetName().Name;
        options.DisableDashboard = true;
        options.EnableResourceLogging = true;
        host.Configuration ??= new();
        host.Configuration.AddInMemoryCollection(Settings(appHost));
    }

    private static Dictionary<string, string?> Settings(Assembly? appHost)
    {
        var settings = new Dictionary<string, string?> { ["DcpPublisher:RandomizePorts"] = "true" };
        if (AppHostMetadata.ProjectDirectory(appHost) is not { } directory || LaunchProfiles.Read(directory) is not { } launch)
            return settings;

        // As "dotnet run" does it: the first profile's variables, which say among others that this is Development.
        var (name, profile) = launch.Profiles.FirstOrDefault();
        settings["DOTNET_LAUNCH_PROFILE"] = name;
        foreach (var (key, value) in profile?.EnvironmentVariables ?? [])
        {
            settings[key] = value;
            if (key.StartsWith("DOTNET_", StringComparison.OrdinalIgnoreCase))
                settings[key["DOTNET_".Length..]] = value;
        }

        return settings;
    }
}
