using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.State;

namespace Aspire.Hosting;

/// <summary>Adds parameters and connection strings that come from outside.</summary>
public static class ParameterResourceBuilderExtensions
{
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, _ => FromConfiguration(builder, name, $"Parameters:{name}"), secret));

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        string name,
        string value,
        bool publishValueAsDefault = false,
        bool secret = false) => builder.AddParameter(name, () => value, publishValueAsDefault, secret);

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        string name,
        Func<string> valueGetter,
        bool publishValueAsDefault = false,
        bool secret = false) =>
        publishValueAsDefault && secret
            ? throw new ArgumentException("A parameter cannot be both secret and published as a default value.", nameof(secret))
            : builder.AddResource(new ParameterResource(name, _ => valueGetter(), secret));

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false)
    {
        var parameter = CreateParameter(builder, name, value, secret, persist: () => persist);
        return builder.AddResource(parameter);
    }

    public static IResourceBuilder<ParameterResource> AddParameterFromConfiguration(
        this IDistributedApplicationBuilder builder, string name, string configurationKey, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, _ => FromConfiguration(builder, name, configurationKey), secret));

    public static IResourceBuilder<ParameterResource> WithDescription(
        this IResourceBuilder<ParameterResource> builder, string description)
    {
        builder.Resource.Description = description;
        return builder;
    }

    /// <summary>Adds a connection string from configuration (<c>ConnectionStrings:{name}</c>), for what runs elsewhere.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null) =>
        builder.AddResource(new ConfiguredConnectionString(name, builder.Configuration, environmentVariableName));

    /// <summary>A generated password; kept only where <paramref name="persist"/> says so when it is first needed.</summary>
    internal static ParameterResource CreateDefaultPasswordParameter(
        IDistributedApplicationBuilder builder, string name, bool special, Func<bool> persist) =>
        CreateParameter(builder, name, new GenerateParameterDefault { Special = special }, secret: true, persist);

    private static ParameterResource CreateParameter(
        IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret, Func<bool> persist) =>
        new(name, effective => builder.Configuration[$"Parameters:{name}"] ?? WithDefault(builder, name, effective!, persist()), secret)
        {
            Default = value,
        };

    private static string WithDefault(IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool persist) =>
        persist ? StateFolder.Of(builder).Parameters.GetOrAdd(name, value.GetDefaultValue) : value.GetDefaultValue();

    private static string FromConfiguration(IDistributedApplicationBuilder builder, string name, string key) =>
        builder.Configuration[key]
        ?? throw new MissingParameterValueException(
            $"The parameter '{name}' has no value: set '{key}' in the AppHost's settings, or the environment variable "
            + $"{key.Replace(":", "__", StringComparison.Ordinal)}.");
}
