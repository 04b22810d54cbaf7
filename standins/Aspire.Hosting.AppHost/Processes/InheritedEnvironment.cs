namespace Aspire.Hosting.Processes;

/// <summary>What a process gets of the AppHost's own environment: the machine's variables, not the AppHost's settings.</summary>
internal static class InheritedEnvironment
{
    private static readonly string[] _prefixes =
    [
        "ASPNETCORE_", "ASPIRE_", "OTEL_", "ConnectionStrings__", "Parameters__", "Kestrel__", "services__", "Ports__", "Replicas__",
    ];

    private static readonly string[] _names =
        ["DOTNET_ENVIRONMENT", "DOTNET_LAUNCH_PROFILE", "DOTNET_URLS", "DOTNET_CONTENTROOT", "NOTIFY_SOCKET"];

    public static void Clean(IDictionary<string, string?> environment)
    {
        var own = environment.Keys.Where(IsAppHosts).ToArray();
        foreach (var name in own)
            environment.Remove(name);
    }

    private static bool IsAppHosts(string name) =>
        _names.Contains(name, StringComparer.OrdinalIgnoreCase)
        || _prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
