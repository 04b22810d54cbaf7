using Microsoft.Extensions.Configuration;

namespace KvAspire.AppHost.Services;

/// <summary>Passes settings from the AppHost to a service.</summary>
internal static class PassedSettings
{
    /// <summary>Sets all settings of these sections as environment variables of the same names.</summary>
    public static IResourceBuilder<ProjectResource> WithSettings(this IResourceBuilder<ProjectResource> service, params string[] sections)
    {
        foreach (var (name, value) in service.ApplicationBuilder.Configuration.AsEnumerable())
        {
            if (value is not null && sections.Contains(name.Split(':')[0]))
                service.WithEnvironment(name.Replace(":", "__", StringComparison.Ordinal), value);
        }

        return service;
    }
}
