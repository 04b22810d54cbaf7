namespace KvAspire.Data.Idempotency;

/// <summary>Marks what is to be done once, however often it is asked for.</summary>
/// <param name="Owner">Whose request it is.</param>
/// <param name="Key">The <c>Idempotency-Key</c>.</param>
/// <param name="Part">Which part of the request, where it takes several transactions.</param>
/// <param name="Fingerprint">SHA-256 of what was asked for.</param>
/// <param name="MayWait">Whether it is sent again in place of one that was lost, which may be under way yet.</param>
internal sealed record OnceKey(string Owner, string Key, int Part, byte[] Fingerprint, bool MayWait = false);

/// <summary>How a request with an <c>Idempotency-Key</c> was met. The numbers are those of the database's function.</summary>
internal enum OnceState : short
{
    /// <summary>It was done now.</summary>
    Done = 0,

    /// <summary>It had been done before.</summary>
    Replayed = 1,

    /// <summary>It is being done.</summary>
    InProgress = 2,

    /// <summary>Something else was asked for under that key.</summary>
    Reused = 3,
}

/// <summary>A request was refused for its <c>Idempotency-Key</c>.</summary>
internal sealed class OnceRefusedException(OnceState state) : Exception($"The idempotency key is {state}.")
{
    /// <summary>Why.</summary>
    public OnceState State => state;
}
