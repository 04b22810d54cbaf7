using System.Text.Json;
using KvAspire.Data.Database;
using KvAspire.Data.Requests;
using KvAspire.Data.Writes;
using Npgsql;

namespace KvAspire.Data.Owners;

/// <summary>
/// The export of an owner: <c>{"entries":[…],"history":[…],"idempotency":[…]}</c>, values byte for byte as they were sent.
/// Rows are read in small batches while they are sent, so that a slow reader holds neither memory nor a snapshot of the database.
/// </summary>
internal sealed class OwnerExport(string owner) : IResult
{
    private const int BatchSize = 200;
    private const int Chunk = 64 * 1024;

    private static readonly string SelectEntries = SqlFile.Read("Owners/OwnerExport.Entries.sql");

    private static readonly string SelectChanges = SqlFile.Read("Owners/OwnerExport.Changes.sql");

    private static readonly string SelectIdempotency = SqlFile.Read("Owners/OwnerExport.Idempotency.sql");

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var database = httpContext.RequestServices.GetRequiredService<NpgsqlDataSource>();
        var cancellationToken = httpContext.RequestAborted;
        httpContext.Response.ContentType = JsonAnswer.ContentType;
        httpContext.Response.Headers.CacheControl = "no-store";

        await using var json = JsonAnswer.WriterTo(httpContext.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteStartArray("entries"u8);
        await WriteAllAsync(json, database, SelectEntries, "", static reader => reader.GetString(0), WriteEntry, httpContext.Response);
        json.WriteEndArray();
        json.WriteStartArray("history"u8);
        await WriteAllAsync(json, database, SelectChanges, 0L, static reader => reader.GetInt64(3), WriteChange, httpContext.Response);
        json.WriteEndArray();
        json.WriteStartArray("idempotency"u8);
        await WriteAllAsync(
            json, database, SelectIdempotency, "", static reader => reader.GetString(0), WriteIdempotency, httpContext.Response);
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    private async Task WriteAllAsync<T>(
        Utf8JsonWriter json, NpgsqlDataSource database, string statement, T position, Func<NpgsqlDataReader, T> read,
        Action<Utf8JsonWriter, NpgsqlDataReader> write, HttpResponse response)
    {
        var cancellationToken = response.HttpContext.RequestAborted;
        for (var rows = BatchSize; rows >= BatchSize;)
        {
            rows = 0;
            await using var command = database.CreateCommand(statement).With(owner).With(position).With(BatchSize);
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
        json.WriteRaw("value"u8, reader.BytesAt(1));
        json.WriteRaw("metadata"u8, reader.BytesAt(2));
        json.WriteNumber("revision"u8, reader.GetInt64(3));
        json.WriteTime("created_at"u8, reader.TimeAt(4));
        json.WriteTime("updated_at"u8, reader.TimeAt(5));
        json.WriteTime("expires_at"u8, reader.TimeAt(6));
        json.WriteEndObject();
    }

    private static void WriteChange(Utf8JsonWriter json, NpgsqlDataReader reader)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, reader.GetString(0));
        json.WriteNumber("revision"u8, reader.GetInt64(3));
        json.WriteString("kind"u8, reader.GetInt16(5) is 1 ? "put"u8 : "delete"u8);
        json.WriteTime("time"u8, reader.TimeAt(4));
        json.WriteText("actor"u8, reader.TextAt(7));
        json.WriteText("trace_id"u8, reader.TextAt(8));
        json.WriteRaw("value"u8, reader.BytesAt(1));
        json.WriteRaw("metadata"u8, reader.BytesAt(2));
        json.WriteTime("expires_at"u8, reader.TimeAt(6));
        json.WriteEndObject();
    }

    private static void WriteIdempotency(Utf8JsonWriter json, NpgsqlDataReader reader)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, reader.GetString(0));
        json.WriteNumber("part"u8, reader.GetInt32(1));
        json.WriteTime("time"u8, reader.TimeAt(6));
        json.WriteString("fingerprint"u8, reader.GetString(2));
        json.WriteStartArray("outcomes"u8);
        foreach (var (i, outcome) in reader.GetFieldValue<short[]>(3).Index())
        {
            json.WriteStartObject();
            json.WriteString("outcome"u8, JsonNamingPolicy.SnakeCaseLower.ConvertName($"{(WriteOutcome)outcome}"));
            json.WriteNumber("revision"u8, reader.GetFieldValue<long[]>(4)[i]);
            json.WriteRaw("value"u8, reader.GetFieldValue<byte[]?[]>(5)[i]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
