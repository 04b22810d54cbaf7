using Npgsql;

namespace KvAspire.Data.Database;

/// <summary>Reads columns that may be null.</summary>
internal static class NullableColumns
{
    extension(NpgsqlDataReader reader)
    {
        public byte[]? BytesAt(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);

        public string? TextAt(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

        public long? NumberAt(int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

        public DateTimeOffset? TimeAt(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
    }
}
