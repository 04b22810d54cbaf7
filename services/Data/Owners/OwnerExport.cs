using System.Text.Encodings.Web;
using System.Text.Json;
using KvAspire.Data.Requests;
using Npgsql;

namespace KvAspire.Data.Owners;

/// <summary>
/// Everything that is stored of an owner: <c>{"entries":[…],"history":[…]}</c>, values byte for byte as they were sent. It is
/// read in small batches as it is sent, so that neither memory nor a snapshot of the database is held for a slow reader.
/// </summary>
internal sealed class OwnerExport(string owner) : IResult
{
    private const int BatchSize = 200;
    private const int Chunk = 64 * 1024;

    private const string SelectEntries =
        """
        SELECT key, value, metadata, revision, created_at, updated_at, expires_at FROM entries
        WHERE owner = $1 AND key > $2 AND deleted_at IS NULL AND (expires_at IS NULL OR expires_at > now())
        ORDER BY key LIMIT $3
        """;

    private const string SelectChanges =
        """
        SELECT key, value, metadata, revision, at, kind, expires_at, actor, trace_id FROM changes
        WHERE owner = $1 AND revision > $2 ORDER BY revision LIMIT $3
        """;

    private static readonly JsonWriterOptions AsStored = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var database = httpContext.RequestServices.GetRequiredService<NpgsqlDataSource>();
        var cancellationToken = httpContext.RequestAborted;
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        httpContext.Response.Headers.CacheControl = "no-store";

        await using var json = new Utf8JsonWriter(httpContext.Response.BodyWriter, AsStored);
        json.WriteStartObject();
        json.WriteStartArray("entries"u8);
        await WriteAllAsync(json, database, SelectEntries, "", static reader => reader.GetString(0), WriteEntry, httpContext.Response);
        json.WriteEndArray();
        json.WriteStartArray("history"u8);
        await WriteAllAsync(json, database, SelectChanges, 0L, static reader => reader.GetInt64(3), WriteChange, httpContext.Response);
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    private async Task WriteAllAsync<T>(
        Utf8JsonWriter json, NpgsqlDataSource database, string statement, T position, Func<NpgsqlDataReader, T> read,
        Action<Utf8JsonWriter, NpgsqlDataReader> write, HttpResponse response)
    {
        var cancellationToken = response.HttpContext.RequestAborted;
        for (var rows = BatchSize; rows == BatchSize;)
        {
            rows = 0;
            await using var command = database.CreateCommand(statement);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
            command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = position });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = BatchSize });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                (rows, position) = (rows + 1, read(reader));
                write(json, reader);
                if (json.BytesPending < Chunk)
                    continue;

                await json.FlushAsync(cancellationToken);
                await response.BodyWriter.FlushAsync(cancellationToken);
            }
        }
    }

    private static void WriteEntry(Utf8JsonWriter json, NpgsqlDataReader reader)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, reader.GetString(0));
        json.WriteRaw("value"u8, Bytes(reader, 1));
        json.WriteRaw("metadata"u8, Bytes(reader, 2));
        json.WriteNumber("revision"u8, reader.GetInt64(3));
        json.WriteTime("created_at"u8, Time(reader, 4));
        json.WriteTime("updated_at"u8, Time(reader, 5));
        json.WriteTime("expires_at"u8, Time(reader, 6));
        json.WriteEndObject();
    }

    private static void WriteChange(Utf8JsonWriter json, NpgsqlDataReader reader)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, reader.GetString(0));
        json.WriteNumber("revision"u8, reader.GetInt64(3));
        json.WriteString("kind"u8, reader.GetInt16(5) is 1 ? "put"u8 : "delete"u8);
        json.WriteTime("time"u8, Time(reader, 4));
        json.WriteText("actor"u8, Text(reader, 7));
        json.WriteText("trace_id"u8, Text(reader, 8));
        json.WriteRaw("value"u8, Bytes(reader, 1));
        json.WriteRaw("metadata"u8, Bytes(reader, 2));
        json.WriteTime("expires_at"u8, Time(reader, 6));
        json.WriteEndObject();
    }

    private static byte[]? Bytes(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
