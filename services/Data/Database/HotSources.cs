using Npgsql;

namespace KvAspire.Data.Database;

/// <summary>The ways to Postgres that many requests share, each with connections of its own.</summary>
internal sealed class HotSources(IServiceProvider services, IConfiguration configuration) : IAsyncDisposable
{
    // Many requests' statements on few connections, and what is sent together in one packet.
    private const string OfReads = "Multiplexing=true;Maximum Pool Size=4";

    // A batch changes nothing of its session: to reset that after each one is seven statements.
    private const string OfWrites = "No Reset On Close=true";

    /// <summary>For reads of single entries.</summary>
    public NpgsqlDataSource Reads { get; } = Create(services, configuration, OfReads);

    /// <summary>For batches of writes.</summary>
    public NpgsqlDataSource Writes { get; } = Create(services, configuration, OfWrites);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Reads.DisposeAsync();
        await Writes.DisposeAsync();
    }

    private static NpgsqlDataSource Create(IServiceProvider services, IConfiguration configuration, string settings) =>
        DatabaseRegistration.CreateDataSource(services, $"{configuration.GetConnectionString(DatabaseRegistration.Name)};{settings}");
}
