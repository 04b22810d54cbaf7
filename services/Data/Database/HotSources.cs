using Npgsql;

namespace KvAspire.Data.Database;

/// <summary>The connection pools of the hot path.</summary>
internal sealed class HotSources(IServiceProvider services, IConfiguration configuration) : IAsyncDisposable
{
    // Statements of many requests share few connections and packets.
    private const string OfReads = "Multiplexing=true;Maximum Pool Size=4";

    // A batch changes no session state, and a reset after each one costs seven statements.
    private const string OfWrites = "No Reset On Close=true";

    /// <summary>For reads of single entries.</summary>
    public NpgsqlDataSource Reads { get; } = Create(services, configuration, "reads", OfReads);

    /// <summary>For batches of writes.</summary>
    public NpgsqlDataSource Writes { get; } = Create(services, configuration, "writes", OfWrites);

    public async ValueTask DisposeAsync()
    {
        await Reads.DisposeAsync();
        await Writes.DisposeAsync();
    }

    private static NpgsqlDataSource Create(IServiceProvider services, IConfiguration configuration, string use, string settings) =>
        DatabaseSetup.CreateDataSource(
            services, $"{DatabaseSetup.Name}-{use}", $"{configuration.GetConnectionString(DatabaseSetup.Name)};{settings}");
}
