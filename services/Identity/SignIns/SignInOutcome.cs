using KvAspire.Identity.Users;

namespace KvAspire.Identity.SignIns;

/// <summary>What came of an attempt to sign in.</summary>
/// <param name="User">Who it is; null where the attempt was refused, for whatever reason.</param>
/// <param name="RetryAfter">Where nothing was looked at, because too many wait already: after how long to come again.</param>
internal readonly record struct SignInOutcome(User? User, TimeSpan? RetryAfter = null);
