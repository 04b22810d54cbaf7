using KvAspire.Data.Database;
using KvAspire.Data.Listing;
using Npgsql;

namespace KvAspire.Data.Owners;

/// <summary>What is stored.</summary>
/// <param name="Keys">The number of keys.</param>
/// <param name="Bytes">Bytes of keys, values and metadata.</param>
/// <param name="IsComplete">Whether all rows of a range were counted; null for all keys of an owner.</param>
internal readonly record struct Used(long Keys, long Bytes, bool? IsComplete = null);

/// <summary>Reads the usage of an owner, which writers keep exact in the owner's row, or counts that of some keys.</summary>
internal sealed class UsageTable(NpgsqlDataSource database)
{
    // Counting so many rows takes about 10 ms.
    private const int MaxRows = 10_000;

    private const string Select = "SELECT keys, bytes FROM owners WHERE owner = $1";

    private static readonly string Count = SqlFile.Read("Owners/UsageTable.Count.sql");

    public async Task<Used> ReadAsync(string owner, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select).With(owner);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new(reader.GetInt64(0), reader.GetInt64(1)) : default;
    }

    /// <summary>Counts the first rows of a range; those of deleted keys have no bytes and are no keys.</summary>
    public async Task<Used> ReadAsync(string owner, KeyRange range, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Count).With(owner).With(range.From).With(range.To).With(MaxRows);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(reader.GetInt64(0), reader.GetInt64(1), reader.GetBoolean(2));
    }
}
