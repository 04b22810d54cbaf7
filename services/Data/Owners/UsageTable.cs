using KvAspire.Data.Database;
using Npgsql;

namespace KvAspire.Data.Owners;

/// <summary>Reads the usage of an owner, which writers keep exact in the owner's row.</summary>
internal sealed class UsageTable(NpgsqlDataSource database)
{
    private const string Select = "SELECT keys, bytes FROM owners WHERE owner = $1";

    public async Task<(long Keys, long Bytes)> ReadAsync(string owner, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select).With(owner);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetInt64(0), reader.GetInt64(1)) : default;
    }
}
