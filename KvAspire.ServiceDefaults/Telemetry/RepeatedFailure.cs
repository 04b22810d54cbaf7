namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>
/// Decides which failures of repeated work are logged: the first one after a success, and then one a minute. An outage would
/// otherwise fill the log with the same line.
/// </summary>
public sealed class RepeatedFailure(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private bool isFailing;
    private long loggedAt;

    /// <summary>Notes a failure.</summary>
    /// <returns>Whether to log it.</returns>
    public bool Failed()
    {
        lock (gate)
        {
            if (isFailing && time.GetElapsedTime(loggedAt) < Pause)
                return false;

            Volatile.Write(ref isFailing, true);
            loggedAt = time.GetTimestamp();
            return true;
        }
    }

    /// <summary>Notes a success.</summary>
    /// <returns>Whether it ends a series of failures.</returns>
    public bool Succeeded()
    {
        if (!Volatile.Read(ref isFailing))
            return false;

        lock (gate)
        {
            var isEnd = isFailing;
            Volatile.Write(ref isFailing, false);
            return isEnd;
        }
    }
}
