using System.Data.Common;

namespace KvAspire.ServiceDefaults.Errors;

/// <summary>
/// Tells a database server that cannot serve from a bug of ours, by SQLSTATE
/// (https://www.postgresql.org/docs/current/errcodes-appendix.html). Postgres has stored nothing then.
/// </summary>
public static class DatabaseFaults
{
    /// <summary>The fault in an exception or in its causes; null if there is none.</summary>
    public static DatabaseFault? Find(Exception? exception)
    {
        // EF Core and Npgsql wrap exceptions.
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is DbException { SqlState: { } state } && Of(state) is { } fault)
                return fault;
        }

        return null;
    }

    /// <summary>The fault that a SQLSTATE stands for; null if the server serves.</summary>
    public static DatabaseFault? Of(string sqlState) => Sentence(sqlState) is var (cause, remedy) ? new(sqlState, cause, remedy) : null;

    private static (string Cause, string Remedy)? Sentence(string state) => state switch
    {
        "58P01" => ("A file of the server is missing, as after an upgrade of its package while it runs.", "Restart Postgres."),
        "53100" => ("The disk of Postgres is full.", "Free space, or enlarge the disk."),
        "53200" => ("Postgres is out of memory.", "Lower its load, or give it more memory."),
        "53300" => ("Postgres has no connection left.", "Look for who holds connections, or raise max_connections."),
        "25006" => ("Postgres is read-only: a standby, or default_transaction_read_only.", "Connect the service to the primary server."),
        "XX001" or "XX002" => ("Postgres found corrupted data.", "Look at Postgres' log, and restore a backup."),
        "3D000" => ("The database does not exist.", "Check the connection string, or run the migration."),
        "57014" => ("Postgres cancelled a statement.", "Look for locks and slow statements in pg_stat_activity."),
        _ => state[..2] switch
        {
            "08" => ("The connection to Postgres failed.", "Check that Postgres runs and can be reached."),
            "28" => ("Postgres refuses the service's role or password.", "Check the connection string and the roles."),
            "53" => ("Postgres lacks a resource.", "Look at Postgres' log."),
            "57" => ("Postgres is starting or shutting down.", "Wait for its start, or start it."),
            "58" => ("Postgres has an error of its system: disk or files.", "Look at Postgres' log and its disk."),
            _ => null,
        },
    };
}

/// <summary>Why a database server cannot serve.</summary>
/// <param name="SqlState">The SQLSTATE.</param>
/// <param name="Cause">A sentence on the cause.</param>
/// <param name="Remedy">A sentence on what an operator does.</param>
public sealed record DatabaseFault(string SqlState, string Cause, string Remedy);
