namespace KvAspire.Data.Writes;

/// <summary>Postgres was lost during a commit: whether the changes are stored, nobody can say.</summary>
internal sealed class OutcomeUnknownException(Exception reason) : Exception("Postgres was lost during a commit.", reason);

/// <summary>More writes are waiting than can be served soon.</summary>
internal sealed class WritesOverloadedException() : Exception("Too many writes are waiting.");
