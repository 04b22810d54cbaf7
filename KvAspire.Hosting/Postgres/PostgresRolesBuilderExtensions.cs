using KvAspire.Hosting.Postgres;

namespace KvAspire.Hosting;

/// <summary>Adds the roles of databases.</summary>
public static class PostgresRolesBuilderExtensions
{
    /// <summary>
    /// Adds the roles <c>{database}_migrator</c> and <c>{database}_service</c>. They are made before the database is ready, at
    /// every start. Their passwords are the parameters <c>{database}-migrator-password</c> and <c>{database}-service-password</c>.
    /// </summary>
    /// <param name="builder">The server.</param>
    /// <param name="database">A database of that server.</param>
    public static PostgresRoles AddRoles(
        this IResourceBuilder<PostgresServer> builder, IResourceBuilder<IResourceWithConnectionString> database)
    {
        var (server, name) = (builder.Resource, database.Resource.Name);
        var roles = new PostgresRoles(NewRole("migrator"), NewRole("service"));
        builder.ApplicationBuilder.Eventing.Subscribe<ResourceReadyEvent>(database.Resource, async (_, cancellationToken) =>
            await RoleBootstrap.RunAsync(
                (await server.ConnectionStringExpression.GetValueAsync(cancellationToken))!, name, name,
                (await roles.Migrator.Password.GetValueAsync(cancellationToken))!,
                (await roles.Service.Password.GetValueAsync(cancellationToken))!, cancellationToken));
        return roles;

        PostgresRole NewRole(string kind)
        {
            var (user, password) = ($"{name}_{kind}", ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(
                builder.ApplicationBuilder, $"{name}-{kind}-password", special: false));
            return new(user, password, database, ReferenceExpression.Create(
                $"{server.Address};Username={user};Password={password};Database={name}"));
        }
    }

    /// <summary>Gives a consumer the connection string of a role, under the name of the database.</summary>
    public static IResourceBuilder<T> WithReference<T>(this IResourceBuilder<T> consumer, PostgresRole role)
        where T : IResourceWithEnvironment =>
        consumer
            .WithEnvironment($"ConnectionStrings__{role.Database.Resource.Name}", role.ConnectionString)
            .WithReferenceRelationship(role.Database.Resource);
}
