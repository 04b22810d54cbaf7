using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Commands;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>How a command is offered.</summary>
    public class CommandOptions
    {
        public string? Description { get; set; }

        public string? ConfirmationMessage { get; set; }

        public string? IconName { get; set; }

        public bool IsHighlighted { get; set; }

        public Func<UpdateCommandStateContext, ResourceCommandState>? UpdateState { get; set; }
    }

    /// <summary>How a command that is a request is sent.</summary>
    public class HttpCommandOptions : CommandOptions
    {
        public HttpMethod? Method { get; set; }

        public Func<HttpCommandRequestContext, Task>? PrepareRequest { get; set; }
    }

    /// <summary>The request that a command is about to send.</summary>
    public sealed class HttpCommandRequestContext
    {
        public required IServiceProvider ServiceProvider { get; init; }

        public required string ResourceName { get; init; }

        public required EndpointReference Endpoint { get; init; }

        public required CancellationToken CancellationToken { get; init; }

        public required HttpRequestMessage Request { get; init; }
    }
}

namespace Aspire.Hosting
{
    public static partial class ResourceBuilderExtensions
    {
        public static IResourceBuilder<T> WithCommand<T>(
            this IResourceBuilder<T> builder,
            string name,
            string displayName,
            Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand,
            CommandOptions? commandOptions = null)
            where T : IResource => builder.WithAnnotation(new ResourceCommandAnnotation(
                name,
                displayName,
                commandOptions?.UpdateState ?? (static _ => ResourceCommandState.Enabled),
                executeCommand,
                commandOptions?.Description));

        /// <summary>Adds a command that sends a request to the resource, when it is healthy.</summary>
        public static IResourceBuilder<TResource> WithHttpCommand<TResource>(
            this IResourceBuilder<TResource> builder,
            string path,
            string displayName,
            string? endpointName = null,
            string? commandName = null,
            HttpCommandOptions? commandOptions = null)
            where TResource : IResourceWithEndpoints
        {
            var options = commandOptions ?? new HttpCommandOptions();
            options.UpdateState ??= static context => context.ResourceSnapshot.HealthStatus is HealthStatus.Healthy
                ? ResourceCommandState.Enabled
                : ResourceCommandState.Disabled;
            var endpoint = HttpEndpoint(builder.Resource, endpointName);
            var method = options.Method ?? HttpMethod.Post;
            var name = commandName ?? $"{builder.Resource.Name}-{endpoint.EndpointName}-http-{method.Method.ToLowerInvariant()}-{path}";
            return builder.WithCommand(name, displayName, new HttpCommand(endpoint, path, method, options).ExecuteAsync, options);
        }
    }
}
