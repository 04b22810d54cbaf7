namespace KvAspire.Data.Writes;

/// <summary>Postgres was lost during a commit, so it is unknown whether the changes are stored.</summary>
internal sealed class OutcomeUnknownException(Exception reason) : Exception("Postgres was lost during a commit.", reason);

/// <summary>Too many writes are waiting.</summary>
internal sealed class WritesOverloadedException() : Exception("Too many writes are waiting.");
