namespace KvAspire.Identity.Passwords;

/// <summary>The outcome of waiting for a turn.</summary>
/// <param name="Value">The result, if there was a turn.</param>
/// <param name="RetryAfter">The time after which to retry, if too many hashes wait already.</param>
internal readonly record struct Turn<T>(T? Value, TimeSpan? RetryAfter);
