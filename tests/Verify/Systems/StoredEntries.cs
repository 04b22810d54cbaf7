using System.Globalization;
using KvAspire.Verify.Histories;
using Npgsql;

namespace KvAspire.Verify.Systems;

/// <summary>The rows of one owner, read from Postgres directly.</summary>
internal sealed class StoredEntries(string database, string owner)
{
    /// <summary>Reads every key of a finished history.</summary>
    public async Task<List<Operation>> ReadAllAsync(IReadOnlyCollection<Operation> history, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, long>();
        await foreach (var row in RowsAsync("SELECT key, value FROM entries WHERE owner = $1 AND value IS NOT NULL", cancellationToken))
            found[row.GetString(0)] = Value(row.GetString(1));

        var end = history.Max(operation => operation.End) + 1;
        return [.. history.Select(operation => operation.Key).Distinct().Select(key => found.TryGetValue(key, out var value)
            ? new Operation(-1, key, OperationKind.Read, value, 0, Outcome.Done, end, end + 1)
            : new Operation(-1, key, OperationKind.Read, 0, 0, Outcome.Missing, end, end + 1))];
    }

    /// <summary>The number of acknowledged changes missing in the change log; null where it is empty or compacted.</summary>
    public async Task<int?> MissingAsync(IEnumerable<Operation> history, CancellationToken cancellationToken)
    {
        var log = new HashSet<(string, long, long)>();
        await foreach (var row in RowsAsync("SELECT key, value, revision FROM changes WHERE owner = $1 AND value IS NOT NULL", cancellationToken))
            log.Add((row.GetString(0), Value(row.GetString(1)), row.GetInt64(2)));

        if (log.Count == 0)
            return null;

        await foreach (var row in RowsAsync("SELECT compacted_revision FROM owners WHERE owner = $1 AND compacted_revision > 0", cancellationToken))
            return null;

        return history.Count(operation => operation is { Changes: true, Outcome: Outcome.Done, Revision: > 0 }
            && operation.Kind is not OperationKind.Delete
            && !log.Contains((operation.Key, operation.Value, operation.Revision)));
    }

    private static long Value(string json)
    {
        var end = json.AsSpan().IndexOfAny(',', ']');
        return long.Parse(json.AsSpan(1, end - 1), CultureInfo.InvariantCulture);
    }

    private async IAsyncEnumerable<NpgsqlDataReader> RowsAsync(
        string query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Pooling = false });
        await using var command = source.CreateCommand(query);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            yield return reader;
    }
}
