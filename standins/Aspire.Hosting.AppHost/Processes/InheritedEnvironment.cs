namespace Aspire.Hosting.Processes;

/// <summary>What a process does not get of the AppHost's own environment: how the AppHost itself runs, and its parameters.</summary>
internal static class InheritedEnvironment
{
    private const string ParameterPrefix = "Parameters__"; // They may be secrets, and are given to those who ask for them.

    private static readonly string[] _appHosts =
        ["ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "ASPNETCORE_URLS", "DOTNET_LAUNCH_PROFILE"];

    public static void Clean(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Where(IsAppHosts).ToArray())
            environment.Remove(name);
    }

    private static bool IsAppHosts(string name) =>
        _appHosts.Contains(name, StringComparer.OrdinalIgnoreCase)
        || name.StartsWith(ParameterPrefix, StringComparison.OrdinalIgnoreCase);
}
