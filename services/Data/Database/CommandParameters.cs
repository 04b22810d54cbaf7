using Npgsql;
using NpgsqlTypes;

namespace KvAspire.Data.Database;

/// <summary>Adds positional parameters to commands.</summary>
internal static class CommandParameters
{
    extension(NpgsqlCommand command)
    {
        /// <summary>Adds the next parameter, unboxed, and returns the command.</summary>
        public NpgsqlCommand With<T>(T value)
        {
            command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
            return command;
        }

        /// <summary>Adds the next parameter, which may be null, and returns the command.</summary>
        public NpgsqlCommand With<T>(T value, NpgsqlDbType type)
        {
            command.Parameters.Add(value is null
                ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = type }
                : new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });
            return command;
        }
    }
}
