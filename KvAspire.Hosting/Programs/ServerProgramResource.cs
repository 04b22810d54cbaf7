using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace KvAspire.Hosting.Programs;

/// <summary>A server that runs as a program of this machine.</summary>
public abstract class ServerProgramResource : ExecutableResource, IResourceWithConnectionString
{
    private protected ServerProgramResource(string name, ServerProgram program, ParameterResource password)
        : base(name, program.Command, "/") => (Program, PasswordParameter) = (program, password);

    /// <summary>The password of the server's superuser.</summary>
    public ParameterResource PasswordParameter { get; }

    /// <summary>The endpoint, on loopback only.</summary>
    public EndpointReference PrimaryEndpoint => new(this, "tcp");

    /// <inheritdoc/>
    public abstract ReferenceExpression ConnectionStringExpression { get; }

    internal ServerProgram Program { get; }
}

[UnsupportedOSPlatform("windows")]
internal static class ServerProgramExtensions
{
    /// <summary>Adds a server without the orchestrator's proxy. <paramref name="ping"/> throws while it does not answer.</summary>
    public static IResourceBuilder<TServer> AddServerProgram<TServer>(
        this IDistributedApplicationBuilder builder, TServer server, int? port, string scheme,
        Func<IServiceProvider, CancellationToken, Task> prepare, Func<IServiceProvider, IEnumerable<object>> arguments,
        Func<CancellationToken, Task> ping)
        where TServer : ServerProgramResource
    {
        builder.Services.TryAddSingleton<ServerFolders>();
        builder.Eventing.Subscribe<BeforeResourceStartedEvent>(
            server, (starting, cancellationToken) => prepare(starting.Services, cancellationToken));
        return builder.AddResource(server)
            .WithEndpoint(port: port, targetPort: port, scheme: scheme, name: "tcp", isProxied: false)
            .WithArgs(context =>
            {
                foreach (var argument in server.Program.LeadingArguments.Concat(arguments(context.ExecutionContext.Services)))
                    context.Args.Add(argument);
            })
            .WithPatientHealthCheck($"{server.Name}_check", ping)
            .ExcludeFromManifest();
    }
}
