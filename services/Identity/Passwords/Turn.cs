namespace KvAspire.Identity.Passwords;

/// <summary>What came of waiting for a turn.</summary>
/// <param name="Value">The result, where there was a turn.</param>
/// <param name="RetryAfter">Where there was none, because too many wait already: after how long there should be one.</param>
internal readonly record struct Turn<T>(T? Value, TimeSpan? RetryAfter);
