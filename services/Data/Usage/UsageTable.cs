using Npgsql;

namespace KvAspire.Data.Usage;

/// <summary>Reads what an owner uses: the writers keep count, exactly, in the owner's row.</summary>
internal sealed class UsageTable(NpgsqlDataSource database)
{
    private const string Select = "SELECT keys, bytes FROM owners WHERE owner = $1";

    /// <summary>Reads it.</summary>
    public async Task<(long Keys, long Bytes)> ReadAsync(string owner, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetInt64(0), reader.GetInt64(1)) : default;
    }
}
