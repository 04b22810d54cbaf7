using System.Globalization;
using KvAspire.Verify.Histories;
using KvAspire.Verify.Workload;
using Npgsql;
using StackExchange.Redis;

namespace KvAspire.Verify.Tests;

/// <summary>
/// Registers in Postgres with a cache in Redis: with a versioned fill, or with the usual cache-aside of tutorials (read the
/// database, set the cache; after a write, delete the cached value), where a slow reader can cache an old value again.
/// </summary>
internal sealed class CacheAside(NpgsqlDataSource database, IDatabase redis, bool versioned) : IStore
{
    private const string Table =
        """
        DROP TABLE IF EXISTS registers;
        DROP SEQUENCE IF EXISTS register_revisions;
        CREATE SEQUENCE register_revisions;
        CREATE TABLE registers (key text PRIMARY KEY, value bigint NOT NULL, revision bigint NOT NULL)
        """;

    private const string Change =
        """
        INSERT INTO registers AS register VALUES ($1, $2, nextval('register_revisions'))
        ON CONFLICT (key) DO UPDATE SET value = $2, revision = nextval('register_revisions')
        RETURNING revision
        """;

    private const string SetNewer =
        """
        local present = redis.call('GET', KEYS[1])
        if present and tonumber(string.match(present, '^%d+')) >= tonumber(ARGV[1]) then return 0 end
        redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2])
        return 1
        """;

    /// <summary>Creates the table and empties the cache.</summary>
    public static async Task PrepareAsync(NpgsqlDataSource database, IDatabase redis, IEnumerable<string> keys)
    {
        await using var command = database.CreateCommand(Table);
        await command.ExecuteNonQueryAsync();
        foreach (var key in keys)
            await redis.KeyDeleteAsync(key);
    }

    public async Task<Answer> AskAsync(Request request, CancellationToken cancellationToken)
    {
        if (request.Kind is OperationKind.Read)
            return await ReadAsync(request.Key, request.Fresh, cancellationToken);

        // A register has no conditions: every write is done.
        await using var command = database.CreateCommand(Change);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Key });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = request.Value });
        var revision = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        if (versioned)
            await SetAsync(request.Key, revision, request.Value);
        else
            await redis.KeyDeleteAsync(request.Key);
        return new(Outcome.Done, request.Value, revision);
    }

    private async Task<Answer> ReadAsync(string key, bool fresh, CancellationToken cancellationToken)
    {
        if (!fresh && (string?)await redis.StringGetAsync(key) is { } cached)
        {
            var parts = cached.Split(' ');
            return new(Outcome.Done, Number(parts[1]), Number(parts[0]), FromCache: true);
        }

        await using var command = database.CreateCommand("SELECT value, revision FROM registers WHERE key = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return new(Outcome.Missing);

        var (value, revision) = (reader.GetInt64(0), reader.GetInt64(1));
        // Reads past the cache fill it too: no later reader may find an older value there.
        if (versioned)
            await SetAsync(key, revision, value);
        else if (!fresh)
            await redis.StringSetAsync(key, $"{revision} {value}");
        return new(Outcome.Done, value, revision);
    }

    private async Task SetAsync(string key, long revision, long value) =>
        await redis.ScriptEvaluateAsync(SetNewer, [key], [revision, value]);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
