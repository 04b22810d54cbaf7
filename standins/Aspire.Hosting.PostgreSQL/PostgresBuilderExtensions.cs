using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Postgres;
using Aspire.Hosting.Processes;
using Aspire.Hosting.State;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

/// <summary>Adds Postgres servers and databases.</summary>
public static class PostgresBuilderExtensions
{
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null)
    {
        PostgresServerResource? server = null;
        // A server that keeps its data keeps its password too; another one gets a new password with its new data.
        var secret = password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(
            builder, $"{name}-password", special: true, persist: () => server!.HasAnnotationOfType<DataVolumeAnnotation>());
        server = new PostgresServerResource(name, userName?.Resource, secret);

        var check = $"{name}_check";
        var process = new PostgresProcess(server);
        builder.Services.AddHealthChecks()
            .Add(PostgresHealthCheck.Registration(check, server.ConnectionStringExpression, () => process.IsUp));
        return builder.AddResource(server)
            .WithAnnotation(new EndpointAnnotation(
                ProtocolType.Tcp, name: PostgresServerResource.PrimaryEndpointName, port: port))
            .WithAnnotation(new ProcessSourceAnnotation(process.PrepareAsync))
            .WithHealthCheck(check)
            .OnResourceReady(DatabaseCreator.CreateAsync);
    }

    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
    {
        var database = new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
        builder.Resource.AddDatabase(database);

        var check = $"{name}_check";
        builder.ApplicationBuilder.Services.AddHealthChecks()
            .Add(PostgresHealthCheck.Registration(check, database.ConnectionStringExpression));
        return builder.ApplicationBuilder.AddResource(database).WithHealthCheck(check);
    }

    /// <summary>Keeps the data between runs, in the AppHost's state folder.</summary>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(
        this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) => isReadOnly
        ? throw new DistributedApplicationException($"'{builder.Resource.Name}' cannot run on a read-only volume.")
        : builder.WithAnnotation(
            new DataVolumeAnnotation(name ?? $"{builder.Resource.Name}-data"), ResourceAnnotationMutationBehavior.Replace);

    public static IResourceBuilder<PostgresServerResource> WithHostPort(
        this IResourceBuilder<PostgresServerResource> builder, int? port)
    {
        builder.Resource.PrimaryEndpoint.EndpointAnnotation.Port = port;
        return builder;
    }

    public static IResourceBuilder<PostgresServerResource> WithPassword(
        this IResourceBuilder<PostgresServerResource> builder, IResourceBuilder<ParameterResource> password)
    {
        builder.Resource.PasswordParameter = password.Resource;
        return builder;
    }

    public static IResourceBuilder<PostgresServerResource> WithUserName(
        this IResourceBuilder<PostgresServerResource> builder, IResourceBuilder<ParameterResource> userName)
    {
        builder.Resource.UserNameParameter = userName.Resource;
        return builder;
    }
}
