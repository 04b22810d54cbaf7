using Npgsql;

namespace KvAspire.Data.Database;

/// <summary>
/// The way of single reads to Postgres: multiplexed, so that many requests' share few connections and what is sent together
/// goes in one packet.
/// </summary>
internal sealed class ReadSource(IServiceProvider services, IConfiguration configuration) : IAsyncDisposable
{
    private const string Multiplexed = "Multiplexing=true;Maximum Pool Size=4";

    /// <summary>The connections.</summary>
    public NpgsqlDataSource Source { get; } = DatabaseRegistration.CreateDataSource(
        services, $"{configuration.GetConnectionString(DatabaseRegistration.Name)};{Multiplexed}");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
