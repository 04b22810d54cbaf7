using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests.Fixtures;

/// <summary>
/// Commits changes to the log like the writers of the service, but as slowly as a test wants. It draws revisions while it
/// holds the owner's lock.
/// </summary>
public sealed class ChangeWriter : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;
    private readonly NpgsqlTransaction transaction;
    private readonly string owner;

    private ChangeWriter(NpgsqlConnection connection, NpgsqlTransaction transaction, string owner) =>
        (this.connection, this.transaction, this.owner) = (connection, transaction, owner);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Begins a transaction, with or without the owner's lock.</summary>
    public static async Task<ChangeWriter> BeginAsync(string database, string owner, bool locks = true)
    {
        var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Cancelled);
        var writer = new ChangeWriter(connection, await connection.BeginTransactionAsync(Cancelled), owner);
        if (locks)
            await writer.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended($1, 17))");
        return writer;
    }

    /// <summary>Commits changes, and returns the last revision.</summary>
    public static async Task<long> CommitAsync(string database, string owner, params IEnumerable<(string Key, string? Value)> changes)
    {
        await using var writer = await BeginAsync(database, owner);
        var last = 0L;
        foreach (var (key, value) in changes)
            last = await writer.ChangeAsync(key, value);
        await writer.CommitAsync();
        return last;
    }

    /// <summary>Stores a value, or deletes the key if it is null.</summary>
    /// <returns>The revision of the change.</returns>
    public async Task<long> ChangeAsync(string key, string? value)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO changes (owner, revision, key, kind, value, actor, trace_id, at)
            VALUES ($1, nextval('entry_revisions'), $2, $3, $4, $1, '0af7651916cd43dd8448eb211c80319c', clock_timestamp()) RETURNING revision
            """, connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)(value is null ? 2 : 1) });
        command.Parameters.Add(new NpgsqlParameter { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        return (long)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    /// <summary>Commits the changes.</summary>
    public async Task CommitAsync()
    {
        await ExecuteAsync(
            """
            INSERT INTO owners (owner, last_revision) SELECT $1, max(revision) FROM changes WHERE owner = $1
            ON CONFLICT (owner) DO UPDATE SET last_revision = greatest(owners.last_revision, excluded.last_revision)
            """);
        await transaction.CommitAsync(Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    private async Task ExecuteAsync(string statement)
    {
        await using var command = new NpgsqlCommand(statement, connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
