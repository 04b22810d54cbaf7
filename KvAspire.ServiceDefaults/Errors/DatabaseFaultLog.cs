using System.Collections.Concurrent;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Logging;

namespace KvAspire.ServiceDefaults.Errors;

/// <summary>Logs why the database server cannot serve: at the first failure of a kind, and then once a minute.</summary>
public sealed partial class DatabaseFaultLog(TimeProvider time, ILogger<DatabaseFaultLog> logger)
{
    // SQLSTATEs come from the server, and only those of DatabaseFaults get here: there are few.
    private readonly ConcurrentDictionary<string, RepeatedFailure> failures = [];

    /// <summary>Raised when a request met a fault.</summary>
    public event Action? Reported;

    /// <summary>Logs the fault in the exception of a request, if there is one.</summary>
    public void Report(Exception exception)
    {
        if (DatabaseFaults.Find(exception) is not { } fault)
            return;

        Log(fault);
        Reported?.Invoke();
    }

    /// <summary>Logs a fault.</summary>
    public void Log(DatabaseFault fault)
    {
        if (failures.GetOrAdd(fault.SqlState, static (_, clock) => new(clock), time).Failed())
            LogFault(logger, fault.SqlState, fault.Cause, fault.Remedy);
    }

    [LoggerMessage(EventIds.DatabaseCannotServe, LogLevel.Error, "Postgres cannot serve (SQLSTATE {SqlState}). {Cause} {Remedy}", EventName = nameof(EventIds.DatabaseCannotServe))]
    private static partial void LogFault(ILogger logger, string sqlState, string cause, string remedy);
}
