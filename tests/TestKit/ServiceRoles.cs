using KvAspire.Hosting.Postgres;
using Npgsql;
using Xunit;

namespace KvAspire.TestKit;

/// <summary>The roles of a service in the databases of a test run, so that the tests show a right that is missing.</summary>
public sealed class ServiceRoles(string name)
{
    private static readonly string MigratorPassword = $"{Guid.NewGuid():N}", ServicePassword = $"{Guid.NewGuid():N}";

    /// <summary>Makes the roles, as the AppHost does.</summary>
    /// <param name="database">The superuser's connection string of the database.</param>
    public Task MakeAsync(string database) => RoleBootstrap.RunAsync(
        database, new NpgsqlConnectionStringBuilder(database).Database!, name, MigratorPassword, ServicePassword,
        TestContext.Current.CancellationToken);

    /// <summary>The connection string of the role that owns the schema.</summary>
    public string Migrator(string database) => With(database, "migrator", MigratorPassword);

    /// <summary>The connection string of the role of the service.</summary>
    public string Service(string database) => With(database, "service", ServicePassword);

    private string With(string database, string kind, string password) =>
        new NpgsqlConnectionStringBuilder(database) { Username = $"{name}_{kind}", Password = password }.ConnectionString;
}
