using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace KvAspire.Identity.Database;

/// <summary>Registers <see cref="IdentityDb"/>.</summary>
internal static class IdentityDbRegistration
{
    // Postgres allows 100 connections in all, which services and replicas share. What stands later in the connection
    // string wins, so this is only for one that says nothing of it.
    private const string DefaultPoolSize = "Maximum Pool Size=40;";

    // Over a failover's last moments, and no longer: the default waits a minute before a client hears that we are down.
    private const int Retries = 3;

    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(1);

    public static void AddIdentityDb(this WebApplicationBuilder builder) => builder.AddNpgsqlDbContext<IdentityDb>(
        IdentityDb.Name,
        settings =>
        {
            if (!string.IsNullOrWhiteSpace(settings.ConnectionString))
                settings.ConnectionString = DefaultPoolSize + settings.ConnectionString;
        },
        // A command that a constraint refused is the expected end of a race, not an error; what nobody expects is logged
        // by whoever catches it.
        options => options
            .UseNpgsql(npgsql => npgsql.EnableRetryOnFailure(Retries, MaxRetryDelay, errorCodesToAdd: null))
            .ConfigureWarnings(warnings => warnings.Log(
                (CoreEventId.SaveChangesFailed, LogLevel.Debug), (RelationalEventId.CommandError, LogLevel.Debug))));
}
