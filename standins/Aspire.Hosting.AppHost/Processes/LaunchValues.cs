using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Processes;

/// <summary>Works out a process's arguments and environment from what was said about its resource.</summary>
internal static class LaunchValues
{
    public static async Task<IReadOnlyList<string>> ArgumentsAsync(ProcessContext context, CancellationToken cancellationToken)
    {
        var arguments = new CommandLineArgsCallbackContext([], context.Instance.Resource, cancellationToken)
        {
            ExecutionContext = context.Services.GetRequiredService<DistributedApplicationExecutionContext>(),
            Logger = context.Log,
        };
        foreach (var annotation in context.Instance.Resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToArray())
            await annotation.Callback(arguments);

        var values = new List<string>();
        foreach (var argument in arguments.Args)
        {
            if (await TextAsync(argument, cancellationToken) is { } value)
                values.Add(value);
        }

        return values;
    }

    public static async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(
        ProcessContext context, CancellationToken cancellationToken)
    {
        var environment = new EnvironmentCallbackContext(
            context.Services.GetRequiredService<DistributedApplicationExecutionContext>(),
            context.Instance.Resource,
            cancellationToken: cancellationToken)
        {
            Logger = context.Log,
        };
        foreach (var annotation in context.Instance.Resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToArray())
            await annotation.Callback(environment);

        var values = new Dictionary<string, string>();
        foreach (var (name, unprocessed) in environment.EnvironmentVariables)
        {
            if (await TextAsync(unprocessed, cancellationToken) is { } value)
                values[name] = value;
        }

        return values;
    }

    private static async ValueTask<string?> TextAsync(object value, CancellationToken cancellationToken) => value switch
    {
        string text => text,
        IValueProvider provider => await provider.GetValueAsync(cancellationToken),
        IResourceBuilder<IResource> { Resource: IValueProvider provider } => await provider.GetValueAsync(cancellationToken),
        _ => value.ToString(),
    };
}
