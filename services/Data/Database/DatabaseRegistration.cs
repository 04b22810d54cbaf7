using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace KvAspire.Data.Database;

/// <summary>Registers Postgres: one pool of connections that EF Core and the hot path share.</summary>
internal static class DatabaseRegistration
{
    /// <summary>The name of the database, and so of its connection string.</summary>
    public const string Name = "datadb";

    // What a connection string may override. The time-outs let a lost database answer 503 in seconds instead of half a
    // minute; a statement that is longer under way than this is lost to its caller anyway. The server ends by itself those
    // whose caller is gone: what a change hides in the cache stays hidden for longer.
    private const string Defaults =
        "Maximum Pool Size=40;Timeout=3;Command Timeout=3;Cancellation Timeout=500;Max Auto Prepare=32;Auto Prepare Min Usages=2;Options=-c statement_timeout=5s";

    /// <summary>Adds the data source, the context and its health check.</summary>
    public static WebApplicationBuilder AddDatabase(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(CreateDataSource).AddSingleton<HotSources>();
        // No retries: they would hold a request, or a health probe, for half a minute.
        builder.AddNpgsqlDbContext<DataDb>(Name, settings => settings.DisableRetry = true);
        builder.Services.ConfigureDbContext<DataDb>((services, options) =>
            options.UseNpgsql(services.GetRequiredService<NpgsqlDataSource>()));
        return builder;
    }

    private static NpgsqlDataSource CreateDataSource(IServiceProvider services)
    {
        var connectionString = services.GetRequiredService<IConfiguration>().GetConnectionString(Name)
            ?? throw new InvalidOperationException($"Set ConnectionStrings__{Name} to the connection string of the database.");
        return CreateDataSource(services, connectionString);
    }

    /// <summary>Makes a pool of connections. Of a keyword that comes twice the last one counts.</summary>
    internal static NpgsqlDataSource CreateDataSource(IServiceProvider services, string connectionString) =>
        new NpgsqlDataSourceBuilder($"{Defaults};{connectionString}")
            .UseLoggerFactory(services.GetRequiredService<ILoggerFactory>())
            .Build();
}
