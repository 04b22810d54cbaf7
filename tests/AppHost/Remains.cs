using System.Text;
using Aspire.Hosting.Testing;
using Npgsql;
using StackExchange.Redis;

namespace KvAspire.AppHost.Tests;

/// <summary>Searches everything that a system stores: all tables of both databases, and Redis.</summary>
internal sealed class Remains(RunningSystem system)
{
    private static readonly string[] Databases = ["identitydb", "datadb"];

    /// <summary>The places that still name a user. Only the audit log may have the id, without a client address.</summary>
    public async Task<List<string>> OfAsync(string userId, string username, string email, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        foreach (var database in Databases)
        {
            await using var source = NpgsqlDataSource.Create(await system.App.GetConnectionStringAsync(database, cancellationToken) ?? "");
            foreach (var table in await TablesAsync(source, cancellationToken))
            {
                var isAudit = table.StartsWith("audit_events", StringComparison.Ordinal); // the table and its partitions
                string[] words = [username, email, .. isAudit ? Array.Empty<string>() : [userId]];
                foreach (var word in words)
                {
                    if (await CountAsync(source, table, word, "true", cancellationToken) is > 0 and var rows)
                        found.Add($"{rows} rows of {table} have {word}");
                }

                if (isAudit && await CountAsync(source, table, userId, "client_address IS NOT NULL", cancellationToken) is > 0 and var addresses)
                    found.Add($"{addresses} rows of {table} have a client address of {userId}");
            }
        }

        await foreach (var text in CachedAsync(cancellationToken))
        {
            foreach (var word in new[] { userId, username, email })
            {
                if (text.Contains(word, StringComparison.OrdinalIgnoreCase))
                    found.Add($"Redis has {word} in {text}");
            }
        }

        return found;
    }

    private static async Task<List<string>> TablesAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var select = source.CreateCommand(
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'");
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var tables = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            tables.Add(reader.GetString(0));
        return tables;
    }

    // As text, ignoring case, and as bytes, which Postgres shows in hexadecimal.
    private static async Task<long> CountAsync(NpgsqlDataSource source, string table, string word, string condition, CancellationToken cancellationToken)
    {
        await using var count = source.CreateCommand(
            $"""
            SELECT count(*) FROM "{table}" line
            WHERE (strpos(lower(line::text), lower($1)) > 0 OR strpos(line::text, $2) > 0) AND ({condition})
            """);
        count.Parameters.Add(new() { Value = word });
        count.Parameters.Add(new() { Value = Convert.ToHexStringLower(Encoding.UTF8.GetBytes(word)) });
        return (long)(await count.ExecuteScalarAsync(cancellationToken))!;
    }

    // Each key with its value. Asynchronous, since tests have few threads.
    private async IAsyncEnumerable<string> CachedAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var redis = await ConnectionMultiplexer.ConnectAsync(await system.App.GetConnectionStringAsync("cache", cancellationToken) ?? "");
        try
        {
            var database = redis.GetDatabase();
            var cursor = "0";
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                var page = (RedisResult[])(await database.ExecuteAsync("SCAN", cursor, "COUNT", 1000))!;
                cursor = (string)page[0]!;
                foreach (var text in await Task.WhenAll(((RedisKey[])page[1]!).Select(key => TextAsync(database, key))))
                    yield return text;
            }
            while (cursor != "0");
        }
        finally
        {
            await redis.CloseAsync(allowCommandsToComplete: false);
        }
    }

    private static async Task<string> TextAsync(IDatabase database, RedisKey key) => await database.KeyTypeAsync(key) switch
    {
        RedisType.String => $"{key} {await database.StringGetAsync(key)}",
        RedisType.Hash => $"{key} {string.Join(' ', await database.HashGetAllAsync(key))}",
        _ => $"{key}",
    };
}
