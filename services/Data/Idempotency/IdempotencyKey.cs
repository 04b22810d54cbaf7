namespace KvAspire.Data.Idempotency;

/// <summary>The key of an idempotent request: repeats return the first outcome.</summary>
/// <param name="Owner">The owner.</param>
/// <param name="Key">The <c>Idempotency-Key</c>.</param>
/// <param name="Part">The part of the request, if it takes several transactions.</param>
/// <param name="Fingerprint">SHA-256 of the request.</param>
/// <param name="FingerprintBefore">The fingerprint that the release before stored: SHA-256 of the request as it was sent.</param>
/// <param name="MayWait">Whether the gateway repeats a request that it lost, and that may still be running.</param>
internal sealed record IdempotencyKey(
    string Owner, string Key, int Part, byte[] Fingerprint, byte[] FingerprintBefore, bool MayWait = false);

/// <summary>The state of a request with an <c>Idempotency-Key</c>. The numbers are those of the database function.</summary>
internal enum IdempotencyState : short
{
    Done = 0, // now
    Replayed = 1, // it was done before
    InProgress = 2,
    Reused = 3, // the key belongs to another request
}

/// <summary>A request was refused for its <c>Idempotency-Key</c>.</summary>
internal sealed class IdempotencyRefusedException(IdempotencyState state) : Exception($"The idempotency key is {state}.")
{
    public IdempotencyState State => state;
}
