using KvAspire.Identity.Users;

namespace KvAspire.Identity.SignIns;

/// <summary>The outcome of an attempt to sign in.</summary>
/// <param name="User">The signed-in user; null where the attempt was refused, for any reason.</param>
/// <param name="RetryAfter">The time after which to retry, if nothing was checked because too many hashes wait.</param>
/// <param name="Refusal">The reason of a refusal, for telemetry. No answer tells it.</param>
internal readonly record struct SignInOutcome(User? User, TimeSpan? RetryAfter = null, string Refusal = "");
